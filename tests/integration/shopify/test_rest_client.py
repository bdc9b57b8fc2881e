"""Reading over REST: pages to the end, every refusal understood, nothing sent that is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sync_engine.model.errors import (
    QueryRejectedError,
    RestClosedError,
    ScopeMissingError,
    ShopFrozenError,
    ShopMovedError,
    SyncError,
    TokenRevokedError,
)
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.connection import Shopify
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.rest.client import RestClient
from sync_engine.shopify.throttle.priority import Priority
from tests.simulator_process import Simulator, simulator
from tests.static_token import StaticToken

SHOP = ShopDomain("restful.myshopify.com")
POOR_SHOP = ShopDomain("needy.myshopify.com")


class Row(msgspec.Struct):
    """A record, of which only the id matters."""

    id: int


class Orders(msgspec.Struct):
    """A page of them."""

    orders: list[Row]


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator with one shop whose ids straddle 2^53, and one that lacks a scope."""
    specs = (
        "restful:orders=300:customers=20:products=10:ids=straddle:plan=plus",
        "needy:orders=3:customers=3:products=3:scopes=read_customers",
    )
    with simulator(*specs, cache=simulator_cache) as running:
        yield running


@pytest.fixture
def shopify(running_shopify: Simulator) -> Simulator:
    """Return the simulator as if it had just been started."""
    running_shopify.control("POST", "/reset")
    return running_shopify


@pytest.fixture
def tokens() -> StaticToken:
    return StaticToken("shpat_restful")


@pytest.fixture
def rest(connection: Shopify, tokens: StaticToken) -> RestClient:
    """Return a client for one piece of work."""
    return connection.rest(SHOP, tokens, Meter(), priority=Priority.INITIAL)


def arm(shopify: Simulator, action: dict[str, Any], times: int = 1) -> None:
    body = {"shop": SHOP, "kind": "rest", "times": times, "action": action}
    shopify.control("POST", "/faults", **body)


async def test_a_list_is_read_to_its_end_over_its_links(
    rest: RestClient, shopify: Simulator
) -> None:
    ids: list[int] = []
    params: dict[str, str] | None = {"status": "any", "limit": "70", "order": "updated_at asc"}
    while params is not None:
        page = await rest.get("orders.json", params, kind=Orders)
        ids += [row.id for row in page.data.orders]
        params = page.next_params
    truth = [order.id for order in shopify.truth(SHOP).orders()]
    assert sorted(ids) == sorted(truth)
    assert max(ids) > 2**53
    assert rest.meter.take().requests == 5


async def test_a_list_after_an_id_has_every_later_record(
    rest: RestClient, shopify: Simulator
) -> None:
    truth = sorted(order.id for order in shopify.truth(SHOP).orders())
    params = {"status": "any", "limit": "250", "since_id": str(truth[99])}
    page = await rest.get("orders.json", params, kind=Orders)
    assert [row.id for row in page.data.orders] == truth[100:]
    assert page.next_params is None


_NESTED = '{"orders":[],"more":' + "[" * 100_000 + "]" * 100_000 + "}"
PASSING = [
    pytest.param({"type": "status", "status": 503}, id="Shopify is down for a moment"),
    pytest.param({"type": "status", "status": 430}, id="a security rejection"),
    pytest.param({"type": "throttle", "retry_after": 0.25}, id="throttled out of the blue"),
    pytest.param({"type": "reset"}, id="connection reset"),
    pytest.param({"type": "reset", "after_bytes": 100}, id="half an answer, then a reset"),
    pytest.param({"type": "respond", "body": "<html>"}, id="an answer in HTML"),
    pytest.param({"type": "respond", "body": ""}, id="an empty answer"),
    pytest.param({"type": "respond", "body": '{"orders":'}, id="half an answer"),
    pytest.param({"type": "respond", "body": '{"orders":{}}'}, id="the wrong shape"),
    pytest.param({"type": "respond", "body": _NESTED}, id="nested without end"),
]


@pytest.mark.parametrize("action", PASSING)
async def test_what_passes_by_itself_is_tried_again(
    rest: RestClient, shopify: Simulator, action: dict[str, Any]
) -> None:
    arm(shopify, action)
    page = await rest.get("orders.json", {"limit": "5"}, kind=Orders)
    assert len(page.data.orders) == 5
    usage = rest.meter.take()
    assert (usage.requests, usage.retried) == (2, 1)
    assert (usage.throttled, usage.failed) == ((1, 0) if action["type"] == "throttle" else (0, 1))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, QueryRejectedError),
        (402, ShopFrozenError),
        (403, RestClosedError),
        (404, RestClosedError),
        (410, RestClosedError),
        (406, QueryRejectedError),
        (422, QueryRejectedError),
        (423, ShopFrozenError),
        (301, ShopMovedError),
    ],
)
async def test_what_does_not_pass_is_understood_and_not_repeated(
    rest: RestClient, shopify: Simulator, status: int, kind: type[SyncError]
) -> None:
    arm(shopify, {"type": "status", "status": status})
    with pytest.raises(kind):
        await rest.get("orders.json", {}, kind=Orders)
    assert rest.meter.take().requests == 1


async def test_a_redirect_is_not_followed(rest: RestClient, shopify: Simulator) -> None:
    elsewhere = {"Location": f"{shopify.url}/{POOR_SHOP}/admin/api/2026-10/orders.json"}
    arm(shopify, {"type": "respond", "status": 302, "headers": elsewhere})
    with pytest.raises(ShopMovedError):
        await rest.get("orders.json", {}, kind=Orders)
    assert POOR_SHOP not in shopify.control("GET", "/counters")


async def test_a_token_that_is_refused_is_renewed_once(
    rest: RestClient, shopify: Simulator, tokens: StaticToken
) -> None:
    arm(shopify, {"type": "status", "status": 401})
    await rest.get("orders.json", {"limit": "1"}, kind=Orders)
    assert tokens.rejected == ["shpat_restful"]
    arm(shopify, {"type": "status", "status": 401}, times=2)
    with pytest.raises(TokenRevokedError):
        await rest.get("orders.json", {"limit": "1"}, kind=Orders)


async def test_rest_that_is_retired_is_a_road_that_is_closed(
    rest: RestClient, shopify: Simulator
) -> None:
    shopify.control("POST", f"/shops/{SHOP}", is_rest_retired=True)
    with pytest.raises(RestClosedError):
        await rest.get("orders.json", {}, kind=Orders)


async def test_a_scope_that_is_missing_is_named(connection: Shopify) -> None:
    tokens = StaticToken("shpat_needy")
    rest = connection.rest(POOR_SHOP, tokens, Meter(), priority=Priority.INITIAL)
    with pytest.raises(ScopeMissingError) as caught:
        await rest.get("orders.json", {}, kind=Orders)
    assert caught.value.scopes == ("read_orders",)
