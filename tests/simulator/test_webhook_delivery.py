"""Webhooks arrive over HTTP as Shopify sends them, and again when nobody took them."""

import hmac
from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from sync_engine.simulator.simulation import DEFAULT_API_SECRET
from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness
from tests.simulator.receiver import Received, Receiver, receiver
from tests.simulator.test_edits import SPEC, edit, paid
from tests.simulator.test_webhook_subscriptions import LIST, create

FOUR_HOURS = 4 * 3600


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as running:
        yield running


async def subscribed(harness: Harness, hook: Receiver, *topics: str, **given: Any) -> None:
    for topic in topics:
        made = await create(harness, topic, **{"uri": hook.uri, **given})
        assert made["userErrors"] == []


async def drain(harness: Harness) -> dict[str, Any]:
    report: dict[str, Any] = await harness.control("POST", "webhooks/drain", {})
    assert report["is_idle"]
    return report


async def advance(harness: Harness, seconds: float) -> None:
    await harness.control("POST", "clock", {"advance_seconds": seconds})
    await drain(harness)


async def touch_order(harness: Harness) -> int:
    order = paid(harness)
    await edit(harness, {"op": "touch", "resource": "order", "id": order.id})
    return order.id


async def test_a_delivery_has_shopifys_headers_and_a_signature(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    await subscribed(harness, hook, "ORDERS_UPDATED", name="mine")
    await touch_order(harness)
    (request,) = await hook.until(1)
    digest = hmac.digest(DEFAULT_API_SECRET.encode(), request.body, sha256)
    headers = request.headers
    assert request.path == "/hook"
    assert headers["content-type"] == "application/json"
    assert headers["x-shopify-topic"] == "orders/updated"
    assert headers["x-shopify-hmac-sha256"] == b64encode(digest).decode()
    assert headers["x-shopify-shop-domain"] == harness.domain
    assert headers["x-shopify-api-version"] == "2026-10"
    assert headers["x-shopify-name"] == "mine"
    assert UUID(headers["x-shopify-webhook-id"]) != UUID(headers["x-shopify-event-id"])
    second, fraction = headers["x-shopify-triggered-at"].removesuffix("Z").split(".")
    assert (second, len(fraction)) == ("2026-11-24T12:00:00", 9)


async def test_one_action_shares_its_event_id_among_several_deliveries(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    await subscribed(harness, hook, "ORDERS_UPDATED", "REFUNDS_CREATE", "CUSTOMERS_UPDATE")
    order = paid(harness)
    await edit(
        harness,
        {"op": "refund", "id": order.id, "all_lines": True},
        {"op": "touch", "resource": "order", "id": order.id},
    )
    received = await hook.until(5)
    events: dict[str, set[str]] = {}
    for request in received:
        events.setdefault(request.headers["x-shopify-event-id"], set()).add(request.topic)
    assert sorted(map(sorted, events.values())) == [
        ["customers/update", "orders/updated"],
        ["customers/update", "orders/updated", "refunds/create"],
    ]
    assert len({r.headers["x-shopify-webhook-id"] for r in received}) == 5


async def test_include_fields_leave_only_those(simulate: MakeHarness, hook: Receiver) -> None:
    harness = simulate(SPEC)
    await subscribed(harness, hook, "ORDERS_UPDATED", includeFields=["id", "updated_at", "no"])
    id_ = await touch_order(harness)
    (request,) = await hook.until(1)
    assert request.json == {"id": id_, "updated_at": "2026-11-24T07:00:00-05:00"}


async def test_a_subscription_with_a_filter_hears_nothing(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    await subscribed(harness, hook, "ORDERS_UPDATED", filter="no_such_field:1")
    await touch_order(harness)
    await drain(harness)
    assert hook.received == []


async def test_a_failed_delivery_is_retried_unchanged_eight_times_in_four_hours(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    config = {"webhooks": {"subscriptions": [{"topics": ["orders/updated"], "uri": hook.uri}]}}
    await harness.control("POST", "app", {"config": config})
    await harness.control("POST", "shops/demo/tokens", {})
    hook.status = lambda _request: 302
    await touch_order(harness)
    await drain(harness)
    assert len(hook.received) == 1
    waits = [56.5 * 2**n for n in range(8)]
    for number, wait in enumerate(waits, start=2):
        await advance(harness, wait * 0.9)
        assert len(hook.received) == number - 1
        await advance(harness, wait * 0.1)
        assert len(hook.received) == number
    assert 0.99 * FOUR_HOURS < sum(waits) < 1.01 * FOUR_HOURS
    await advance(harness, 10 * FOUR_HOURS)
    assert len(hook.received) == 9
    assert len({r.headers["x-shopify-webhook-id"] for r in hook.received}) == 1
    assert len({r.body for r in hook.received}) == 1
    (delivery,) = await harness.control("GET", "shops/demo/webhooks")
    assert delivery["state"] == "given_up"
    assert {attempt["status"] for attempt in delivery["attempts"]} == {302}


async def test_eight_failures_in_a_row_delete_a_subscription_of_the_api(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    await subscribed(harness, hook, "ORDERS_UPDATED", "ORDERS_DELETE")
    hook.status = lambda _request: 500
    await touch_order(harness)
    for _ in range(10):
        await advance(harness, FOUR_HOURS)
    assert len(hook.received) == 8
    left = (await harness.data(LIST))["webhookSubscriptions"]["nodes"]
    assert [node["topic"] for node in left] == ["ORDERS_DELETE"]


async def test_a_success_ends_the_retries(simulate: MakeHarness, hook: Receiver) -> None:
    harness = simulate(SPEC)
    await subscribed(harness, hook, "ORDERS_UPDATED")
    hook.status = lambda _request: 503 if len(hook.received) < 3 else 204
    await touch_order(harness)
    for _ in range(10):
        await advance(harness, FOUR_HOURS)
    assert len(hook.received) == 3
    (delivery,) = await harness.control("GET", "shops/demo/webhooks")
    assert [a["status"] for a in delivery["attempts"]] == [503, 503, 204]
    assert delivery["state"] == "delivered"


async def test_whoever_hangs_fails(simulate: MakeHarness, hook: Receiver) -> None:
    harness = simulate(SPEC)
    await harness.control("POST", "webhooks", {"answer_seconds": 0.05})
    hook.status = lambda _request: None
    await subscribed(harness, hook, "ORDERS_UPDATED")
    assert await first_failure(harness) == "TimeoutError"


async def test_whoever_is_not_there_fails(simulate: MakeHarness, hook: Receiver) -> None:
    harness = simulate(SPEC)
    await subscribed(harness, hook, "ORDERS_UPDATED", uri="http://127.0.0.1:1/")
    assert "Connect call failed" in await first_failure(harness)


async def first_failure(harness: Harness) -> str:
    await touch_order(harness)
    await drain(harness)
    (delivery,) = await harness.control("GET", "shops/demo/webhooks")
    attempt = delivery["attempts"][0]
    assert attempt["status"] is None
    return str(attempt["error"])


async def test_connections_are_kept_alive(simulate: MakeHarness, hook: Receiver) -> None:
    harness = simulate(SPEC)
    await harness.control("POST", "webhooks", {"connections": 2})
    await subscribed(harness, hook, "ORDERS_UPDATED")
    edits = [{"op": "touch", "resource": "order", "id": paid(harness).id}] * 30
    await edit(harness, *edits)
    await hook.until(30)
    assert hook.connections <= 2


async def test_the_app_without_a_scope_hears_and_subscribes_nothing(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate("demo:orders=30:scopes=read_products")
    refused = await create(harness, "ORDERS_UPDATED", uri=hook.uri)
    assert refused["userErrors"] == [
        {
            "field": ["webhookSubscription"],
            "message": "You cannot create a webhook subscription with the specified topic",
        }
    ]


async def test_after_a_rotation_the_new_secret_signs(simulate: MakeHarness, hook: Receiver) -> None:
    harness = simulate(SPEC)
    await subscribed(harness, hook, "ORDERS_UPDATED")
    await harness.control("POST", "app", {"client_secret": "renewed"})
    await touch_order(harness)
    (request,) = await hook.until(1)
    assert _signed(request, "renewed")
    assert not _signed(request, DEFAULT_API_SECRET)


def _signed(request: Received, secret: str) -> bool:
    digest = b64encode(hmac.digest(secret.encode(), request.body, sha256)).decode()
    return digest == request.headers["x-shopify-hmac-sha256"]
