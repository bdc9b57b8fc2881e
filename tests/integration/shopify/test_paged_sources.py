"""Reading by pages and over REST: everything whole and once, from any batch on, in slices."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
import msgspec
import pytest

from sync_engine.model.batch import Batch
from sync_engine.model.clock import SystemClock
from sync_engine.model.errors import ShopifyUnavailableError
from sync_engine.model.records import Record
from sync_engine.model.run import Checkpoint
from sync_engine.model.sync_enums import Resource, SyncErrorCode, SyncStrategy
from sync_engine.shopify.connection import Shopify
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.sources.page_checkpoint import load_page_checkpoint
from sync_engine.sources.pages import PageSource
from sync_engine.sources.rest_checkpoint import load_rest_checkpoint
from sync_engine.sources.since_id import SinceIdSource
from tests.simulator_process import Simulator, simulator
from tests.static_token import StaticToken
from tests.truth import expected_records

# One product has more variants and one order more lines than any page; more of both, and lines of
# a refund, do not fit where they come first.
SPEC = "deep:seed=13:customers=150:products=90:orders=300:plan=unmetered"
MIDDLE = datetime(2026, 6, 1, 7, 30, 15, 500_000, tzinfo=UTC)
NOON = "2026-01-01T12:00:00Z"
ROADS = [SyncStrategy.GRAPHQL, SyncStrategy.REST]

Truth = dict[Resource, dict[int, Record]]


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator with one shop of long lists."""
    with simulator(SPEC, cache=simulator_cache) as running:
        yield running


@pytest.fixture
def shopify(running_shopify: Simulator) -> Simulator:
    """Return the simulator as if it had just been started."""
    running_shopify.control("POST", "/reset")
    return running_shopify


@pytest.fixture(scope="module")
def truth(running_shopify: Simulator) -> Truth:
    """Return what there is to read."""
    (shop,) = running_shopify.domains
    records: tuple[list[Any], ...] = expected_records(running_shopify.truth(shop))
    return {
        resource: {record.id: record for record in found}
        for resource, found in zip(Resource, records, strict=True)
    }


class Notes:
    """Remembers what a source notes."""

    def __init__(self) -> None:
        self.total: int | None = None

    async def save(
        self, checkpoint: Checkpoint, total: int | None, *, processed: int | None = None
    ) -> None:
        del checkpoint, processed
        self.total = total

    def in_doubt(self, export_id: str) -> AsyncGenerator[list[int]]:
        raise AssertionError(export_id)

    async def end_export(self, export_id: str, *, is_whole: bool) -> None:
        raise AssertionError(export_id, is_whole)


class Reader:
    """Makes sources over one shop."""

    def __init__(self, connection: Shopify, shopify: Simulator) -> None:
        (self._shop,) = shopify.domains
        tokens = StaticToken("shpat_deep")
        priority = Priority.INITIAL
        self._client = connection.client(self._shop, tokens, Meter(), priority=priority)
        self._rest = connection.rest(self._shop, tokens, Meter(), priority=priority)
        self.notes = Notes()

    def source(
        self,
        strategy: SyncStrategy,
        resource: Resource,
        checkpoint: Checkpoint | None = None,
        *,
        since: datetime | None = None,
        slice_records: int = 20_000,
    ) -> PageSource | SinceIdSource:
        if strategy is SyncStrategy.REST:
            return SinceIdSource(
                resource,
                rest=self._rest,
                client=self._client,
                journal=self.notes,
                clock=SystemClock(),
                checkpoint=load_rest_checkpoint(checkpoint),
                currency_code="USD",
                batch_records=40,
                since=since,
            )
        return PageSource(
            resource,
            client=self._client,
            journal=self.notes,
            clock=SystemClock(),
            checkpoint=load_page_checkpoint(checkpoint),
            currency_code="USD",
            batch_records=40,
            since=since,
            slice_records=slice_records,
        )

    async def batches(
        self, strategy: SyncStrategy, resource: Resource, **how: Any
    ) -> AsyncIterator[Batch]:
        source = self.source(strategy, resource, **how)
        await source.prepare()
        async for batch in source.batches():
            yield batch


@pytest.fixture
def reader(connection: Shopify, shopify: Simulator) -> Reader:
    return Reader(connection, shopify)


def through_storage(checkpoint: Checkpoint) -> Checkpoint:
    """Return a checkpoint as another process finds it."""
    codec: Any = bson.CodecOptions(tz_aware=True)
    return bson.decode(bson.encode(checkpoint), codec)


def assert_same(found: list[Record], wanted: Mapping[int, Record]) -> None:
    assert sorted(record.id for record in found) == sorted(wanted)
    for record in found:
        assert record == wanted[record.id]


@pytest.mark.parametrize("resource", Resource)
@pytest.mark.parametrize("strategy", ROADS)
async def test_every_record_comes_once_and_whole(
    reader: Reader, truth: Truth, strategy: SyncStrategy, resource: Resource
) -> None:
    batches = [batch async for batch in reader.batches(strategy, resource)]
    assert_same([record for batch in batches for record in batch.records], truth[resource])
    assert not any(batch.rejects or batch.vanished_count for batch in batches)
    assert reader.notes.total == len(truth[resource])


@pytest.mark.parametrize("since", [None, MIDDLE])
@pytest.mark.parametrize("strategy", ROADS)
async def test_a_read_that_stops_goes_on_behind_its_last_batch(
    reader: Reader, truth: Truth, strategy: SyncStrategy, since: datetime | None
) -> None:
    """However often it stops; of changes it may read those of one second again."""
    found: dict[int, Record] = {}
    again = 0
    checkpoint: Checkpoint | None = None
    while True:
        source = reader.source(strategy, Resource.ORDERS, checkpoint, since=since)
        await source.prepare()
        batch = await anext(source.batches(), None)
        if batch is None:
            break
        again += sum(record.id in found for record in batch.records)
        found |= {record.id: record for record in batch.records}
        checkpoint = through_storage(batch.checkpoint)
    assert_same(list(found.values()), changed(truth[Resource.ORDERS], since))
    stops = len(found) // 40 + 1
    assert again <= (0 if strategy is SyncStrategy.GRAPHQL or since is None else stops)


def changed(records: Mapping[int, Record], since: datetime | None) -> dict[int, Record]:
    """Return what was changed in the second of that moment or later."""
    if since is None:
        return dict(records)
    begin = since.replace(microsecond=0)
    return {number: record for number, record in records.items() if record.updated_at >= begin}


@pytest.mark.parametrize("resource", Resource)
@pytest.mark.parametrize("strategy", ROADS)
async def test_changes_come_without_anything_older(
    reader: Reader, truth: Truth, strategy: SyncStrategy, resource: Resource
) -> None:
    wanted = changed(truth[resource], MIDDLE)
    assert 20 < len(wanted) < len(truth[resource])
    found = [
        record
        async for batch in reader.batches(strategy, resource, since=MIDDLE)
        for record in batch.records
    ]
    assert_same(found, wanted)
    assert reader.notes.total == len(wanted)
    assert [record.updated_at for record in found] == sorted(
        record.updated_at for record in found
    ) or strategy is SyncStrategy.REST


@pytest.mark.parametrize("resource", Resource)
@pytest.mark.parametrize("since", [None, MIDDLE])
async def test_long_lists_are_read_in_slices(
    reader: Reader, truth: Truth, resource: Resource, since: datetime | None
) -> None:
    begins = set()
    found: dict[int, Record] = {}
    async for batch in reader.batches(
        SyncStrategy.GRAPHQL, resource, since=since, slice_records=30
    ):
        begins.add((batch.checkpoint["after_id"], batch.checkpoint["from_at"]))
        assert batch.checkpoint["slice_records"] < 30 + 40
        found |= {record.id: record for record in batch.records}
    assert_same(list(found.values()), changed(truth[resource], since))
    assert len(begins) >= len(found) // 70


@pytest.mark.parametrize("strategy", ROADS)
async def test_synced_through_is_when_the_read_began_whoever_ends_it(
    reader: Reader, strategy: SyncStrategy
) -> None:
    before = datetime.now(UTC)
    first = reader.source(strategy, Resource.CUSTOMERS)
    await first.prepare()
    began_at = first.synced_through
    assert before.replace(microsecond=0) <= began_at <= datetime.now(UTC)
    batch = await anext(first.batches())
    second = reader.source(strategy, Resource.CUSTOMERS, through_storage(batch.checkpoint))
    await second.prepare()
    assert [each async for each in second.batches()]
    assert second.synced_through == began_at


async def test_a_page_that_costs_too_much_is_asked_for_in_parts(
    reader: Reader, shopify: Simulator, truth: Truth
) -> None:
    (shop,) = shopify.domains
    refusal = {"type": "graphql_error", "code": "MAX_COST_EXCEEDED", "message": "too much"}
    body = {"shop": shop, "kind": "graphql", "contains": "OrdersPage", "times": 2}
    shopify.control("POST", "/faults", action=refusal, **body)
    batches = [batch async for batch in reader.batches(SyncStrategy.GRAPHQL, Resource.ORDERS)]
    assert {len(batch.records) for batch in batches[:-1]} == {10}
    assert_same([x for batch in batches for x in batch.records], truth[Resource.ORDERS])


@pytest.mark.parametrize("strategy", ROADS)
async def test_a_record_that_cannot_be_read_is_rejected_alone(
    reader: Reader, shopify: Simulator, strategy: SyncStrategy
) -> None:
    (shop,) = shopify.domains
    if strategy is SyncStrategy.REST:
        which = {"kind": "rest", "contains": "customers.json"}
        answer: Any = {"customers": [{"id": 7, "updated_at": NOON}, rest_customer(8)]}
    else:
        which = {"kind": "graphql", "contains": "CustomersPage"}
        nodes = [{"id": "gid://shopify/Customer/7"}, customer_node(8)]
        page_info = {"hasNextPage": False, "endCursor": None}
        answer = {"data": {"page": {"nodes": nodes, "pageInfo": page_info}}}
    action = {"type": "respond", "body": msgspec.json.encode(answer).decode()}
    shopify.control("POST", "/faults", shop=shop, action=action, **which)
    (batch,) = [each async for each in reader.batches(strategy, Resource.CUSTOMERS)]
    assert [record.id for record in batch.records] == [8]
    (reject,) = batch.rejects
    assert reject.code is SyncErrorCode.MALFORMED_RECORD
    assert reject.resource_id == "gid://shopify/Customer/7"
    assert reject.payload is not None
    assert "Customer/7" in reject.payload or '"id":7' in reject.payload


async def test_changes_that_come_in_no_order_are_taken_up_at_their_beginning(
    reader: Reader, shopify: Simulator
) -> None:
    """REST honours the order that is asked for, but promises it nowhere."""
    later = rest_customer(8) | {"updated_at": "2026-09-02T12:00:00Z"}
    earlier = rest_customer(9) | {"updated_at": "2026-09-01T12:00:00Z"}
    for rows, resumes_at in (([earlier, later], "09-02"), ([later, earlier], "06-01")):
        respond(shopify, {"customers": rows})
        batches = reader.batches(SyncStrategy.REST, Resource.CUSTOMERS, since=MIDDLE)
        (batch,) = [each async for each in batches]
        assert {record.id for record in batch.records} == {8, 9}
        assert batch.checkpoint["from_at"].strftime("%m-%d") == resumes_at


async def test_a_page_of_which_nothing_can_be_read_is_no_end(
    reader: Reader, shopify: Simulator
) -> None:
    respond(shopify, {"customers": [{"updated_at": NOON}] * 40})
    with pytest.raises(ShopifyUnavailableError, match="do not go on"):
        assert [x async for x in reader.batches(SyncStrategy.REST, Resource.CUSTOMERS)]


def respond(shopify: Simulator, answer: dict[str, Any]) -> None:
    """Let the next page of customers be this."""
    action = {"type": "respond", "body": msgspec.json.encode(answer).decode()}
    shopify.control("POST", "/faults", kind="rest", contains="customers.json", action=action)


def customer_node(number: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Customer/{number}",
        "createdAt": NOON,
        "updatedAt": NOON,
        "state": "ENABLED",
        "numberOfOrders": "0",
        "amountSpent": {"amount": "0.0", "currencyCode": "USD"},
    }


def rest_customer(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "created_at": NOON,
        "updated_at": NOON,
        "first_name": None,
        "last_name": None,
        "email": None,
        "phone": None,
        "state": "enabled",
        "tags": "",
        "orders_count": 0,
        "total_spent": "0.00",
    }
