"""Bursts: many true webhooks in a short time, with a report of the answers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness
from tests.simulator.receiver import Receiver, receiver
from tests.simulator.test_edits import SPEC, rest
from tests.simulator.test_webhook_delivery import advance, subscribed


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as running:
        yield running


async def burst(harness: Harness, **order: Any) -> dict[str, Any]:
    """Send a burst and wait until all is sent and answered once."""
    id_ = (await harness.control("POST", "shops/demo/webhooks/burst", order))["id"]
    while harness.simulation.tasks:
        await asyncio.wait(harness.simulation.tasks)
        await asyncio.sleep(0)
    await harness.control("POST", "webhooks/drain", {})
    report: dict[str, Any] = await harness.control("GET", f"shops/demo/webhooks/burst/{id_}")
    return report


@pytest.mark.parametrize("is_prepared", [True, False])
async def test_a_burst_tells_of_records_as_they_are_and_is_reported(
    simulate: MakeHarness, hook: Receiver, *, is_prepared: bool
) -> None:
    harness = simulate(SPEC)
    await subscribed(harness, hook, "ORDERS_UPDATED")
    report = await burst(harness, count=200, is_prepared=is_prepared)
    assert report["is_over"]
    assert report["states"] == {"delivered": 200}
    assert report["attempts_by_status"] == {"200": 200}
    latency = report["latency_seconds"]
    assert 0 < latency["p50"] <= latency["p99"] <= latency["p100"] <= report["seconds"]
    assert report["answers_per_minute"] == pytest.approx(200 * 60 / report["seconds"])
    told = [request.json for request in hook.received]
    assert {order["id"] for order in told} == {order.id for order in harness.shop.orders()}
    assert len({r.headers["x-shopify-webhook-id"] for r in hook.received}) == 200
    shown = (await rest(harness, f"orders/{told[0]['id']}.json")).json()["order"]
    assert told[0]["total_price_set"] == shown["total_price_set"]


async def test_a_burst_keeps_its_pace(simulate: MakeHarness, hook: Receiver) -> None:
    harness = simulate(SPEC)
    await subscribed(harness, hook, "PRODUCTS_UPDATE")
    report = await burst(harness, topic="products/update", count=20, per_minute=6000)
    assert report["seconds"] >= 19 * 0.01


async def test_refused_webhooks_of_a_burst_are_retried_and_counted(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    await subscribed(harness, hook, "CUSTOMERS_UPDATE")
    hook.status = lambda _request: 503 if len(hook.received) <= 10 else 200
    first = await burst(harness, topic="customers/update", count=30)
    assert not first["is_over"]
    assert first["states"] == {"delivered": 20, "waiting": 10}
    await advance(harness, 60)
    report = await harness.control("GET", f"shops/demo/webhooks/burst/{first['id']}")
    assert report["is_over"]
    assert report["attempts_by_status"] == {"200": 30, "503": 10}


async def test_a_burst_to_nobody_sends_nothing(simulate: MakeHarness) -> None:
    report = await burst(simulate(SPEC), count=5)
    assert (report["sent"], report["latency_seconds"], report["is_over"]) == (0, None, True)


@pytest.mark.parametrize(
    "order", [{"topic": "shop/redact"}, {"count": -1}, {"per_minute": 0}, {"colour": "red"}]
)
async def test_impossible_bursts_are_refused(simulate: MakeHarness, order: dict[str, Any]) -> None:
    harness = simulate(SPEC)
    response = await harness.client.post("/_control/shops/demo/webhooks/burst", json=order)
    assert response.status_code == 400
    missing = await harness.client.get("/_control/shops/demo/webhooks/burst/7")
    assert missing.status_code == 404
