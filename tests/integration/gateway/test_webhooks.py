"""Webhooks, from Shopify's door to our API: signed, stored once, applied in a moment."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, ShopStatus
from sync_engine.model.webhook_event import WebhookEventStatus
from sync_engine.store.store import Store
from tests import webhook_request
from tests.integration.gateway.conftest import PREVIOUS_SECRET, Caller
from tests.simulator_process import API_SECRET, Simulator, simulator
from tests.waiting import ended_run, until

SHOP = "hook.myshopify.com"
TOKEN = "shpat_of_the_hook_shop"
CONNECT = """mutation($token: String!, $domain: ShopDomain!) {
    connectShop(input: {domain: $domain, accessToken: $token}) { userErrors { message } } }"""
ORDER = """query($id: ID!) { shop(domain: "hook.myshopify.com") { order(id: $id) {
    tags totalRefunded { amount } } } }"""
EVENTS = """{ shop(domain: "hook.myshopify.com") { webhookEvents(first: 250) {
    totalCount nodes { id topic status attempts error processedAt } } } }"""


@pytest.fixture(scope="module")
def running_shopify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Yield a simulator with one small shop."""
    spec = f"hook:customers=40:products=20:orders=80:token={TOKEN}:plan=unmetered"
    cache = tmp_path_factory.mktemp("exports")
    with simulator(spec, cache=cache, arguments=("--bulk-seconds", "0.1")) as running:
        yield running


@pytest_asyncio.fixture
async def connected(operator: Caller, store: Store, shopify: Simulator) -> AsyncIterator[Simulator]:
    """Connect the shop, read it whole and wait until Shopify sends its webhooks."""
    await operator.data(CONNECT, domain=SHOP, token=TOKEN)
    (domain,) = shopify.domains
    await ended_run(store, domain)

    async def is_subscribed() -> bool:
        return len(shopify.control("GET", f"/shops/{SHOP}/subscriptions")) >= 15

    await until(is_subscribed)
    yield shopify


def edit(shopify: Simulator, *edits: dict[str, Any]) -> None:
    shopify.control("POST", f"/shops/{SHOP}/edits", edits=list(edits))


def signed(body: bytes, secret: str = API_SECRET, **headers: str) -> dict[str, str]:
    """Return the headers of a webhook of our shop."""
    return webhook_request.signed(body, secret, shop=SHOP, **headers)


async def test_a_change_is_on_the_api_in_a_moment(operator: Caller, connected: Simulator) -> None:
    whole = [each for each in connected.truth(SHOP).orders() if not each.refunds]
    order, refunded = whole[3], whole[4]
    edit(
        connected,
        {"op": "update", "resource": "order", "id": order.id, "set": {"tags": ["seen"]}},
        {"op": "refund", "id": refunded.id, "all_lines": True},
    )

    async def is_seen() -> bool:
        tagged = await operator.data(ORDER, id=f"gid://shopify/Order/{order.id}")
        money = await operator.data(ORDER, id=f"gid://shopify/Order/{refunded.id}")
        given_back = money["shop"]["order"]["totalRefunded"]["amount"]
        return tagged["shop"]["order"]["tags"] == ["seen"] and float(given_back) > 0

    await until(is_seen)
    events = (await operator.data(EVENTS))["shop"]["webhookEvents"]
    assert events["totalCount"] >= 3
    assert {each["status"] for each in events["nodes"]} <= {"PROCESSED", "SUPERSEDED"}
    assert all(each["processedAt"] for each in events["nodes"])


async def test_a_deleted_record_is_gone_and_a_late_event_does_not_raise_it(
    operator: Caller, connected: Simulator
) -> None:
    doomed = list(connected.truth(SHOP).orders())[5]
    edit(connected, {"op": "delete", "resource": "order", "id": doomed.id})
    gid = f"gid://shopify/Order/{doomed.id}"

    async def is_gone() -> bool:
        found = await operator.data(ORDER, id=gid)
        return bool(found["shop"]["order"] is None)

    await until(is_gone)
    body = json.dumps(
        {
            "id": doomed.id,
            "created_at": "2020-01-01T00:00:00Z",
            "updated_at": "2020-01-01T00:00:00Z",
            "name": "#1",
            "currency": "USD",
        }
    )
    headers = signed(body.encode(), **{"X-Shopify-Webhook-Id": "late"})
    await operator.http.post("/webhooks/shopify", content=body.encode(), headers=headers)

    async def is_settled() -> bool:
        nodes = (await operator.data(EVENTS))["shop"]["webhookEvents"]["nodes"]
        return any(each["id"] == "late" and each["status"] == "PROCESSED" for each in nodes)

    await until(is_settled)
    assert await is_gone()


async def test_an_uninstalled_shop_is_left_alone_and_keeps_its_data(
    operator: Caller, connected: Simulator, store: Store
) -> None:
    connected.control("POST", f"/shops/{SHOP}/uninstall", app="custom")
    (domain,) = connected.domains

    async def has_left() -> bool:
        shop = await store.shops.get(domain)
        return shop is not None and shop.status is ShopStatus.UNINSTALLED

    await until(has_left)
    assert await store.shops.grant(domain) is None
    assert await store.shop(domain).reader(Resource.ORDERS).count() == 80
    found = await operator.data('{ shop(domain: "hook.myshopify.com") { status } }')
    assert found == {"shop": {"status": "UNINSTALLED"}}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Shopify-Hmac-Sha256": "bm9uc2Vuc2U="}, 401),
        ({"X-Shopify-Hmac-Sha256": "é"}, 401),
        ({"X-Shopify-Hmac-Sha256": ""}, 401),
        ({"X-Shopify-Shop-Domain": "evil.example.com"}, 400),
        ({"X-Shopify-Shop-Domain": "hook.myshopify.com.evil.com"}, 400),
        ({"X-Shopify-Webhook-Id": ""}, 400),
        ({"X-Shopify-Webhook-Id": "x" * 300}, 400),
        ({"X-Shopify-Topic": ""}, 400),
    ],
)
async def test_what_shopify_has_not_sent_is_refused_and_not_kept(
    http: httpx.AsyncClient, store: Store, headers: dict[str, str], status: int
) -> None:
    body = b'{"id": 1}'
    encoded = {name.encode(): value.encode() for name, value in (signed(body) | headers).items()}
    response = await http.post("/webhooks/shopify", content=body, headers=encoded)
    assert response.status_code == status
    assert await store.intake.shops_waiting() == []


async def test_a_changed_body_is_refused(http: httpx.AsyncClient) -> None:
    body = b'{"id": 1, "total_price": "10.00"}'
    for place in range(len(body)):
        forged = bytes([*body[:place], body[place] ^ 1, *body[place + 1 :]])
        response = await http.post("/webhooks/shopify", content=forged, headers=signed(body))
        assert response.status_code == 401


async def test_an_oversized_body_is_refused(http: httpx.AsyncClient) -> None:
    body = b" " * (8 * 1024 * 1024 + 1)
    response = await http.post("/webhooks/shopify", content=body, headers=signed(body))
    assert response.status_code == 413


async def test_both_secrets_are_good_while_one_is_rotated_and_both_header_families(
    http: httpx.AsyncClient,
) -> None:
    for number, secret in enumerate((API_SECRET, PREVIOUS_SECRET)):
        headers = signed(b"{}", secret, **{"X-Shopify-Webhook-Id": f"w{number}"})
        plain = {name.removeprefix("X-"): value for name, value in headers.items()}
        for family in (headers, plain):
            response = await http.post("/webhooks/shopify", content=b"{}", headers=family)
            assert response.status_code == 200


async def test_what_cannot_be_read_fails_and_is_not_lost(
    operator: Caller, connected: Simulator
) -> None:
    del connected
    bodies = (b"{", b"[]", b'{"id": "x"}', b"\xff\xfe", b'{"id": 1}')
    for number, body in enumerate(bodies):
        headers = signed(body, **{"X-Shopify-Webhook-Id": f"bad-{number}"})
        for _ in range(2):  # as Shopify does when it is not sure
            response = await operator.http.post("/webhooks/shopify", content=body, headers=headers)
            assert response.status_code == 200

    async def failed() -> bool:
        nodes = (await operator.data(EVENTS))["shop"]["webhookEvents"]["nodes"]
        mine = [each for each in nodes if each["id"].startswith("bad-")]
        return len(mine) == len(bodies) and all(each["status"] == "FAILED" for each in mine)

    await until(failed)


async def test_webhooks_of_a_shop_that_is_not_connected_fail(
    http: httpx.AsyncClient, store: Store
) -> None:
    stranger = {"X-Shopify-Shop-Domain": "stranger.myshopify.com"}
    response = await http.post(
        "/webhooks/shopify", content=b"{}", headers=signed(b"{}", **stranger)
    )
    assert response.status_code == 200

    events = store.shop(ShopDomain(stranger["X-Shopify-Shop-Domain"])).events

    async def has_failed() -> bool:
        return await events.count(status=WebhookEventStatus.FAILED) == 1

    await until(has_failed)
