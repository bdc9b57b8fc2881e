"""An export whose file becomes another in mid-read is given up and made again from its start."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import msgspec

from sync_engine.model.batch import Batch
from sync_engine.model.records import Customer
from sync_engine.model.run import Checkpoint
from sync_engine.model.sync_enums import Resource
from sync_engine.sources.bulk import BulkSource
from sync_engine.sources.operation_follower import BulkPatience
from tests.integration.shopify.shopfront import Shopfront, graphql
from tests.scripted_server import Answer, answer


@dataclass
class NotedJournal:
    """A journal that remembers which exports ended how."""

    ended: dict[str, bool] = field(default_factory=dict)

    async def save(
        self, checkpoint: Checkpoint, total: int | None, *, processed: int | None = None
    ) -> None:
        del checkpoint, total, processed

    async def in_doubt(self, export_id: str) -> AsyncGenerator[list[int]]:
        """Doubt nothing: nothing stood before."""
        for _ in export_id[:0]:
            yield []

    async def end_export(self, export_id: str, *, is_whole: bool) -> None:
        self.ended[export_id] = is_whole


def customer(number: int, name: str) -> bytes:
    node = {
        "id": f"gid://shopify/Customer/{number}",
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-02T00:00:00Z",
        "firstName": name,
        "state": "ENABLED",
        "numberOfOrders": "0",
        "amountSpent": {"amount": "0.0", "currencyCode": "USD"},
    }
    return msgspec.json.encode(node) + b"\n"


def file(*names: str) -> bytes:
    return b"".join(customer(place, name) for place, name in enumerate(names, start=1))


def started(operation_id: str) -> Answer:
    operation = {"id": operation_id, "status": "CREATED", "createdAt": "2026-11-24T00:00:00Z"}
    payload = {"bulkOperation": operation, "userErrors": []}
    return graphql({"data": {"bulkOperationRunQuery": payload}})


def completed(operation_id: str, url: str) -> Answer:
    operation = {
        "id": operation_id,
        "status": "COMPLETED",
        "createdAt": "2026-11-24T00:00:00Z",
        "objectCount": "3",
        "rootObjectCount": "3",
        "url": url,
    }
    return graphql({"data": {"bulkOperation": operation}})


async def test_a_file_that_changes_is_exported_again_and_read_from_its_start(
    shopfront: Shopfront,
) -> None:
    old, new = file("Ann", "Bob", "Cid"), file("Zoe", "Bob", "Cid")
    url = f"{shopfront.server.url}/bulk.jsonl"
    rest = old[len(file("Ann", "Bob")) :]
    span = {"Content-Range": f"bytes {len(old) - len(rest)}-/{len(old)}", "ETag": '"new"'}
    shopfront.server.answers = [
        graphql({"data": {"all": {"count": 3}}}),
        started("gid://shopify/BulkOperation/1"),
        completed("gid://shopify/BulkOperation/1", url),  # before the other stages are waited for
        completed("gid://shopify/BulkOperation/1", url),  # when the file is read
        answer(200, old[: -len(rest)], length=len(old), headers={"ETag": '"old"'}),
        answer(206, rest, headers=span),
        graphql({"data": {"oldest": {"nodes": []}}}),
        started("gid://shopify/BulkOperation/2"),
        completed("gid://shopify/BulkOperation/2", url),
        answer(200, new, headers={"ETag": '"new"'}),
    ]
    journal = NotedJournal()
    source = BulkSource(
        Resource.CUSTOMERS,
        client=shopfront.client,
        journal=journal,
        clock=shopfront.clock,
        checkpoint=None,
        currency_code="USD",
        batch_records=1,
        patience=BulkPatience(),
    )
    await source.prepare()
    batches: list[Batch] = [batch async for batch in source.batches()]
    names = [
        (batch.export_id, record.display_name)
        for batch in batches
        for record in batch.records
        if isinstance(record, Customer)
    ]
    assert names == [
        ("gid://shopify/BulkOperation/1", "Ann"),
        ("gid://shopify/BulkOperation/2", "Zoe"),
        ("gid://shopify/BulkOperation/2", "Bob"),
        ("gid://shopify/BulkOperation/2", "Cid"),
    ]
    assert journal.ended == {
        "gid://shopify/BulkOperation/1": False,
        "gid://shopify/BulkOperation/2": True,
    }
