"""What Shopify says to an export: started, no slot, not like that, or nothing at all."""

from datetime import UTC, datetime

import pytest

from sync_engine.model.errors import BulkSlotsBusyError, QueryRejectedError, SyncError
from sync_engine.model.sync_enums import SyncErrorCode
from sync_engine.shopify.bulk.operations import BulkOperations, BulkStatus
from tests.integration.shopify.shopfront import Shopfront, graphql
from tests.scripted_server import Answer

QUERY = "{ orders { edges { node { id } } } }"
ID = "gid://shopify/BulkOperation/9007199254740993"


def started(*codes: str | None, operation: object = None) -> Answer:
    errors = [{"code": code, "field": None, "message": "a reason " * 100} for code in codes]
    return graphql(
        {"data": {"bulkOperationRunQuery": {"bulkOperation": operation, "userErrors": errors}}}
    )


REFUSED = [
    pytest.param(started("OPERATION_IN_PROGRESS"), BulkSlotsBusyError, id="another is under way"),
    pytest.param(started("LIMIT_REACHED"), BulkSlotsBusyError, id="five are under way"),
    pytest.param(started(None, "LIMIT_REACHED"), BulkSlotsBusyError, id="the second error counts"),
    pytest.param(started("INVALID"), QueryRejectedError, id="the query is refused"),
    pytest.param(started(None), QueryRejectedError, id="no code"),
    pytest.param(started("SOMETHING_NEW"), QueryRejectedError, id="an unknown code"),
    pytest.param(started(), QueryRejectedError, id="neither operation nor error"),
]


@pytest.mark.parametrize(("refusal", "kind"), REFUSED)
async def test_an_export_that_is_refused_is_not_asked_for_again_by_the_client(
    shopfront: Shopfront, refusal: Answer, kind: type[SyncError]
) -> None:
    shopfront.server.answers = [refusal]
    with pytest.raises(SyncError) as raised:
        await BulkOperations(shopfront.client).start(QUERY, since=datetime.now(UTC))
    assert type(raised.value) is kind
    assert len(str(raised.value)) < 400
    assert len(shopfront.server.requests) == 1
    assert shopfront.clock.waits == []


def test_busy_slots_are_shown_as_a_failed_export() -> None:
    assert BulkSlotsBusyError("a sentence").code is SyncErrorCode.BULK_FAILED


async def test_an_export_that_is_started_is_named(shopfront: Shopfront) -> None:
    operation = {"id": ID, "status": "CREATED", "createdAt": "2026-11-24T00:00:00Z"}
    shopfront.server.answers = [started(operation=operation)]
    found = await BulkOperations(shopfront.client).start(QUERY, since=datetime.now(UTC))
    assert (found.id, found.status) == (ID, BulkStatus.CREATED)


async def test_an_operation_that_shopify_does_not_know_is_none(shopfront: Shopfront) -> None:
    shopfront.server.answers = [graphql({"data": {"bulkOperation": None}})]
    assert await BulkOperations(shopfront.client).get(ID) is None


async def test_cancelling_what_is_over_is_harmless(shopfront: Shopfront) -> None:
    error = {"field": None, "message": "A bulk operation cannot be canceled when it is completed"}
    payload = {"bulkOperation": None, "userErrors": [error]}
    shopfront.server.answers = [graphql({"data": {"bulkOperationCancel": payload}})]
    await BulkOperations(shopfront.client).cancel(ID)
    assert len(shopfront.server.requests) == 1
