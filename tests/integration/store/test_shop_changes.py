"""Changes outside of runs: versions, deletions and events in any order give the same documents."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from sync_engine.model.shop_change import Merger, ShopChange
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource
from sync_engine.model.webhook_event import EventOutcome, WebhookEventStatus
from sync_engine.store.store import Store
from tests.examples import (
    MONDAY,
    OTHER_SHOP,
    SHOP,
    TUESDAY,
    WEDNESDAY,
    batch,
    customer,
    event,
    fresh_shop,
    line_item,
    order,
    product,
)

MINUTE = timedelta(minutes=1)


def change(resource: Resource, *records: Any, **more: Any) -> ShopChange:
    """Return a change as the inbox makes it; what is not the change's own is the batch's."""
    own = {name: more.pop(name) for name in ("outcomes", "mergers") if name in more}
    made = batch(*records, **({"export_id": None, "checkpoint": {}} | more))
    return ShopChange(resource=resource, batch=made, **own)


async def write(store: Store, shop: ShopDomain, *changes: ShopChange) -> None:
    async with store.changes(shop) as writer:
        for each in changes:
            await writer.write(each, now=MONDAY)


VERSIONS = [
    change(Resource.ORDERS, order(1, name="old")),
    change(Resource.ORDERS, order(1, name="new", updated_at=TUESDAY), observed_at=TUESDAY),
    change(Resource.ORDERS, deleted=(1,), observed_at=TUESDAY + MINUTE),
    change(Resource.ORDERS, order(2), observed_at=WEDNESDAY),
]


async def test_the_order_of_changes_and_their_repetition_do_not_matter(store: Store) -> None:
    for arrangement in itertools.permutations(VERSIONS):
        shop = fresh_shop()
        await write(store, shop, *arrangement, arrangement[0])
        orders = store.shop(shop).orders
        assert await orders.get(1) is None
        assert await orders.get(2) == order(2)
        assert await orders.count() == 1


async def test_without_the_deletion_the_newest_version_stays(store: Store) -> None:
    for arrangement in itertools.permutations((*VERSIONS[:2], VERSIONS[0])):
        shop = fresh_shop()
        await write(store, shop, *arrangement)
        found = await store.shop(shop).orders.get(1)
        assert found is not None
        assert found.name == "new"


async def test_lines_of_a_deleted_product_refer_to_none(store: Store) -> None:
    lines = (line_item(1, product_id=7), line_item(2, product_id=8))
    for shop in (SHOP, OTHER_SHOP):
        await write(
            store,
            shop,
            change(Resource.PRODUCTS, product(7), product(8)),
            change(Resource.ORDERS, order(1, line_items=lines)),
        )
    await write(store, SHOP, change(Resource.PRODUCTS, deleted=(7,), observed_at=TUESDAY))
    mine, other = await store.shop(SHOP).orders.get(1), await store.shop(OTHER_SHOP).orders.get(1)
    assert mine is not None
    assert other is not None
    assert [(line.product_id, line.variant_id) for line in mine.line_items] == [
        (None, None),
        (8, 1),
    ]
    assert [line.product_id for line in other.line_items] == [7, 8]


async def test_a_merged_customers_orders_are_the_kept_ones(store: Store) -> None:
    await write(
        store,
        SHOP,
        change(Resource.CUSTOMERS, customer(1), customer(2)),
        change(Resource.ORDERS, order(1, customer_id=1), order(2, customer_id=2)),
        change(
            Resource.CUSTOMERS,
            deleted=(1,),
            observed_at=TUESDAY,
            mergers=(Merger(kept=2, removed=1),),
        ),
    )
    found = await store.shop(SHOP).orders.get_many([1, 2])
    assert [found[number].customer_id for number in (1, 2)] == [2, 2]
    assert await store.shop(SHOP).customers.get(1) is None


async def test_a_delivery_is_stored_once(store: Store) -> None:
    async with store.intake.open():
        for _ in range(3):
            await store.intake.add(event(1))
        await store.intake.add(event(2))
        await store.intake.add(event(1, OTHER_SHOP))
    assert [each.id for each in await store.shop(SHOP).events.due(limit=10)] == ["w1", "w2"]
    assert sorted(await store.intake.shops_waiting()) == [SHOP, OTHER_SHOP]


@pytest.mark.parametrize("status", [WebhookEventStatus.PROCESSED, WebhookEventStatus.FAILED])
async def test_a_change_settles_its_events(store: Store, status: WebhookEventStatus) -> None:
    async with store.intake.open():
        await store.intake.add(event(1))
    outcome = EventOutcome(event_id="w1", status=status, note="$why")
    await write(store, SHOP, change(Resource.ORDERS, order(1), outcomes=(outcome,)))
    events = store.shop(SHOP).events
    assert await events.due(limit=10) == []
    (stored,) = [item.node for item in (await events.page(first=5, status=status)).items]
    assert (stored.note, stored.attempts, stored.body) == ("$why", 1, b'{"id": 1}')
    assert stored.processed_at is not None


async def test_an_event_can_be_put_off(store: Store) -> None:
    async with store.intake.open():
        await store.intake.add(event(1))
    events = store.shop(SHOP).events
    later = EventOutcome(
        event_id="w1", status=WebhookEventStatus.RECEIVED, note="busy", retry_in_seconds=60
    )
    await events.settle([later])
    assert await events.due(limit=10) == []
    assert await store.intake.shops_waiting() == []
    at_once = EventOutcome(event_id="w1", status=WebhookEventStatus.RECEIVED)
    await events.settle([at_once])
    (due,) = await events.due(limit=10)
    assert due.attempts == 2
