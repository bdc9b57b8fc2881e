"""Webhooks get lost, doubled, late and out of order when they are told to."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness
from tests.simulator.receiver import Receiver, receiver
from tests.simulator.test_edits import SPEC, edit
from tests.simulator.test_webhook_delivery import advance, drain, subscribed


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as running:
        yield running


async def touch_all(harness: Harness, hook: Receiver) -> list[int]:
    """Touch twenty orders over one connection; returns their ids in order."""
    await harness.control("POST", "webhooks", {"connections": 1})
    await subscribed(harness, hook, "ORDERS_UPDATED")
    ids = [harness.shop.order(index).id for index in range(20)]
    await edit(harness, *({"op": "touch", "resource": "order", "id": id_} for id_ in ids))
    await drain(harness)
    return ids


def told(hook: Receiver) -> list[int]:
    return [request.json["id"] for request in hook.received]


async def disturb(harness: Harness, **disturbances: Any) -> None:
    await harness.control("POST", "shops/demo/webhooks/disturb", disturbances)


async def counts(harness: Harness) -> dict[str, int]:
    report = await harness.control("GET", "shops/demo/webhooks/disturb")
    found: dict[str, int] = report["counts"]
    return found


async def test_undisturbed_webhooks_come_once_and_in_order(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    assert await touch_all(harness, hook) == told(hook)


async def test_dropped_webhooks_never_come(simulate: MakeHarness, hook: Receiver) -> None:
    harness = simulate(SPEC)
    await disturb(harness, drop=0.5, seed=1)
    ids = await touch_all(harness, hook)
    await advance(harness, 86_400)
    lost = (await counts(harness))["dropped"]
    assert 0 < lost < 20
    assert len(told(hook)) == 20 - lost
    assert set(told(hook)) < set(ids)
    deliveries = await harness.control("GET", "shops/demo/webhooks")
    assert [d["state"] for d in deliveries].count("dropped") == lost


async def test_doubled_webhooks_come_twice_with_the_same_id(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    await disturb(harness, double=1)
    await touch_all(harness, hook)
    await advance(harness, 2)
    assert len(hook.received) == 40
    assert len({r.headers["x-shopify-webhook-id"] for r in hook.received}) == 20


async def test_delayed_webhooks_come_later_with_their_old_state(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    await disturb(harness, delay=1, delay_seconds=[10, 20])
    ids = await touch_all(harness, hook)
    await advance(harness, 9)
    assert hook.received == []
    await disturb(harness)
    change = {"op": "update", "resource": "order", "id": ids[0], "set": {"note": "new"}}
    await edit(harness, change)
    await advance(harness, 20)
    assert told(hook)[0] == ids[0]
    assert hook.received[0].json["note"] == "new"
    late = next(r for r in hook.received[1:] if r.json["id"] == ids[0])
    assert late.json["note"] != "new"
    assert (
        late.headers["x-shopify-triggered-at"]
        < (hook.received[0].headers["x-shopify-triggered-at"])
    )


async def test_reordered_webhooks_all_come_each_after_its_successor(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    await disturb(harness, reorder=0.4, seed=3)
    ids = await touch_all(harness, hook)
    await advance(harness, 5)
    assert sorted(told(hook)) == ids
    assert told(hook) != ids
    assert (await counts(harness))["reordered"] > 2


async def test_the_same_seed_disturbs_alike(simulate: MakeHarness, hook: Receiver) -> None:
    found = []
    for _ in range(2):
        harness = simulate(SPEC)
        await disturb(harness, drop=0.3, double=0.2, delay=0.2, reorder=0.2, seed=9)
        await touch_all(harness, hook)
        found.append(await counts(harness))
    assert found[0] == found[1]
    assert all(count for count in found[0].values())


async def test_impossible_disturbances_are_refused(simulate: MakeHarness) -> None:
    response = await simulate().client.post(
        "/_control/shops/demo/webhooks/disturb", content=b'{"dropp": 1}'
    )
    assert response.status_code == 400
