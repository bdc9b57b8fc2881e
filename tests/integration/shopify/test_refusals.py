"""What Shopify refuses for good is asked once, and the error's class says what to do next.

The rows are those of shopify.dev's "Shopify API response status and error codes" and of "GraphQL
Admin API: status and error codes".
"""

from dataclasses import replace

import pytest

from sync_engine.model.errors import (
    FatalError,
    QueryRejectedError,
    QueryTooExpensiveError,
    ScopeMissingError,
    ShopBlockedError,
    ShopFrozenError,
    ShopGoneError,
    ShopMovedError,
    ShopNotFoundError,
    SyncError,
    TokenRevokedError,
)
from sync_engine.model.sync_enums import ShopStatus, SyncErrorCode
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.throttle.priority import Priority
from tests.integration.shopify.shopfront import (
    GOOD,
    RENEWED_TOKEN,
    REQUEST_ID,
    SHOP,
    TOKEN,
    Shopfront,
    assert_no_secret,
    graphql,
)
from tests.scripted_server import answer

STATUSES = [
    pytest.param(302, ShopMovedError, id="302 the shop has moved"),
    pytest.param(400, QueryRejectedError, id="400 bad syntax"),
    pytest.param(402, ShopFrozenError, id="402 unpaid"),
    pytest.param(403, ScopeMissingError, id="403 forbidden"),
    pytest.param(406, QueryRejectedError, id="406 not acceptable"),
    pytest.param(422, QueryRejectedError, id="422 not processable"),
    pytest.param(423, ShopFrozenError, id="423 locked"),
    pytest.param(783, QueryRejectedError, id="783 unexpected token"),
]


@pytest.mark.parametrize(("status", "kind"), STATUSES)
async def test_a_status_that_says_no_is_not_asked_again(
    shopfront: Shopfront, status: int, kind: type[SyncError]
) -> None:
    body = f'{{"errors":"no, {TOKEN}"}}'.encode()
    headers = {"x-request-id": REQUEST_ID, "Location": "https://other.myshopify.com/"}
    shopfront.server.answers = [answer(status, body, headers=headers), GOOD]
    with pytest.raises(SyncError) as raised:
        await shopfront.name()
    assert type(raised.value) is kind
    assert f"HTTP {status}, Shopify request {REQUEST_ID}" in str(raised.value)
    assert_no_secret(raised.value)
    assert len(shopfront.server.requests) == 1
    assert shopfront.clock.waits == []
    assert shopfront.client.meter.take().failed == 1


@pytest.fixture
def unattended(shopfront: Shopfront) -> Shopfront:
    """Return the shopfront with a client for whose answers nobody waits."""
    client = shopfront.shopify.client(
        SHOP, shopfront.tokens, Meter(), priority=Priority.INCREMENTAL
    )
    return replace(shopfront, client=client)


async def test_a_404_that_passes_is_nothing(unattended: Shopfront) -> None:
    unattended.server.answers = [answer(404), answer(404), GOOD]
    assert await unattended.name() == "Echo"
    assert unattended.client.meter.take().retried == 2


async def test_a_404_that_lasts_says_what_to_look_at(unattended: Shopfront) -> None:
    unattended.server.answers = [answer(404, headers={"x-request-id": REQUEST_ID})]
    with pytest.raises(ShopNotFoundError) as raised:
        await unattended.name()
    for hint in ("closed", "domain", "API version", f"HTTP 404, Shopify request {REQUEST_ID}"):
        assert hint in str(raised.value)
    assert len(unattended.server.requests) == 6
    assert sum(unattended.clock.waits) < 16


async def test_whoever_waits_hears_of_a_404_at_once(shopfront: Shopfront) -> None:
    shopfront.server.answers = [answer(404), GOOD]
    with pytest.raises(ShopNotFoundError):
        await shopfront.name()
    assert shopfront.clock.waits == []


def refused(message: str, **extensions: object) -> dict[str, object]:
    return {"message": message, "extensions": extensions}


UNAPPROVED = "This app is not approved to access the Customer object."
ERRORS = [
    pytest.param(
        [
            refused(
                "Query cost is 2004, which exceeds the single query max cost limit (1000).",
                code="MAX_COST_EXCEEDED",
                cost=2004,
                maxCost=1000,
            )
        ],
        QueryTooExpensiveError,
        id="too expensive",
    ),
    pytest.param(
        [refused("Access denied for orders field.", code="ACCESS_DENIED")],
        ScopeMissingError,
        id="a scope is missing",
    ),
    pytest.param([{"message": UNAPPROVED, "path": ["x"]}], ScopeMissingError, id="not approved"),
    pytest.param(
        [refused("Shop is not active", code="SHOP_INACTIVE")], ShopFrozenError, id="inactive"
    ),
    pytest.param(
        [refused("Field 'mood' doesn't exist on type 'Shop'", code="undefinedField")],
        QueryRejectedError,
        id="an unknown field",
    ),
    pytest.param([{"message": "syntax error"}], QueryRejectedError, id="no extensions"),
    pytest.param(
        [{"message": "odd", "extensions": "none"}], QueryRejectedError, id="extensions in text"
    ),
    pytest.param([{"message": "odd", "extensions": []}], QueryRejectedError, id="empty extensions"),
    pytest.param([{}], QueryRejectedError, id="an empty error"),
    pytest.param(["Not allowed"], QueryRejectedError, id="an error in plain text"),
    pytest.param("Not allowed", QueryRejectedError, id="errors in plain text"),
    pytest.param({"base": ["Not allowed"]}, QueryRejectedError, id="errors by field"),
]


@pytest.mark.parametrize(("errors", "kind"), ERRORS)
async def test_an_error_in_a_good_answer_is_understood_and_not_asked_again(
    shopfront: Shopfront, errors: object, kind: type[SyncError]
) -> None:
    partial = {"shop": {"name": "Echo"}}
    shopfront.server.answers = [graphql({"data": partial, "errors": errors}), GOOD]
    with pytest.raises(SyncError) as raised:
        await shopfront.name()
    assert type(raised.value) is kind
    assert REQUEST_ID in str(raised.value)
    assert_no_secret(raised.value)
    assert len(shopfront.server.requests) == 1
    assert shopfront.clock.waits == []


@pytest.mark.parametrize(
    ("kind", "group", "code", "status"),
    [
        (ShopFrozenError, ShopBlockedError, "ACCESS_DENIED", ShopStatus.SUSPENDED),
        (ShopNotFoundError, ShopBlockedError, "ACCESS_DENIED", ShopStatus.SUSPENDED),
        (ShopGoneError, ShopBlockedError, "ACCESS_DENIED", None),
        (ScopeMissingError, ShopBlockedError, "ACCESS_DENIED", None),
        (TokenRevokedError, ShopBlockedError, "TOKEN_INVALID", ShopStatus.REAUTHORIZATION_REQUIRED),
        (QueryRejectedError, FatalError, "SHOPIFY_ERROR", None),
        (QueryTooExpensiveError, FatalError, "SHOPIFY_ERROR", None),
    ],
)
def test_the_class_says_what_becomes_of_the_shop(
    kind: type[SyncError], group: type[SyncError], code: str, status: ShopStatus | None
) -> None:
    error = kind("a sentence")
    assert isinstance(error, group)
    assert error.code is SyncErrorCode(code)
    if isinstance(error, ShopBlockedError):
        assert error.status is status


async def test_the_scopes_that_are_missing_are_named(shopfront: Shopfront) -> None:
    required = "`read_orders` access scope. Also: the app needs `read_all_orders`."
    error = refused("Access denied", code="ACCESS_DENIED", requiredAccess=required)
    shopfront.server.answers = [graphql({"data": None, "errors": [error]})]
    with pytest.raises(ScopeMissingError) as raised:
        await shopfront.name()
    assert raised.value.scopes == ("read_orders", "read_all_orders")


async def test_a_token_that_is_refused_is_renewed_once_and_the_query_asked_again(
    shopfront: Shopfront,
) -> None:
    shopfront.server.answers = [answer(401, b'{"errors":"[API] Invalid API key"}'), GOOD]
    assert await shopfront.name() == "Echo"
    sent = [each.headers["x-shopify-access-token"] for each in shopfront.server.requests]
    assert sent == [TOKEN, RENEWED_TOKEN]
    assert shopfront.clock.waits == []


async def test_a_renewed_token_that_is_refused_too_stops_the_shop(shopfront: Shopfront) -> None:
    shopfront.server.answers = [answer(401)]
    with pytest.raises(TokenRevokedError) as raised:
        await shopfront.name()
    assert_no_secret(raised.value)
    assert len(shopfront.server.requests) == 2
    assert shopfront.tokens.rejected == [TOKEN]
