"""Orders that come late refer to nothing that is gone: they are as Shopify shows them by now."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from sync_engine.model.batch import Batch, LooseChild
from sync_engine.model.records import Order
from sync_engine.model.shop_change import Erasure, Merger, ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.store.mongo import Session
from sync_engine.store.records.gone_references import GoneReferences
from sync_engine.store.store import Store
from tests.examples import (
    MONDAY,
    SHOP,
    TUESDAY,
    WEDNESDAY,
    batch,
    commit,
    connected_shop,
    customer,
    line_item,
    order,
    product,
    run_under_way,
)

Write = Callable[[Store, Batch], Awaitable[None]]
OF_THREE_PRODUCTS = order(
    1,
    customer_id=1,
    line_items=tuple(line_item(each, product_id=each, variant_id=each) for each in (1, 2, 3)),
)


async def tell(store: Store, resource: Resource, told: Batch, **change: Any) -> None:
    async with store.changes(SHOP) as changes:
        await changes.write(ShopChange(resource=resource, batch=told, **change), now=TUESDAY)


async def by_an_event(store: Store, told: Batch) -> None:
    await tell(store, Resource.ORDERS, told)


async def by_a_run(store: Store, told: Batch) -> None:
    run = await run_under_way(store)
    await commit(store, run, Resource.ORDERS, told)


async def merge(store: Store, removed: int, kept: int) -> None:
    merger = Merger(kept=kept, removed=removed)
    told = batch(deleted=(removed,), observed_at=TUESDAY)
    await tell(store, Resource.CUSTOMERS, told, mergers=(merger,))


async def delete_product(store: Store, number: int) -> None:
    await tell(store, Resource.PRODUCTS, batch(deleted=(number,), observed_at=TUESDAY))


async def stored(store: Store) -> Order:
    found = await store.shop(SHOP).orders.get(1)
    assert found is not None
    assert await store.compare_rollups(SHOP) == []
    return found


@pytest.fixture(params=[by_an_event, by_a_run])
async def write(request: pytest.FixtureRequest, store: Store) -> Write:
    """Return a way by which orders come, into a shop that has customers and products."""
    await connected_shop(store)
    for resource, records in (
        (Resource.CUSTOMERS, [customer(each) for each in range(1, 5)]),
        (Resource.PRODUCTS, [product(each) for each in range(1, 4)]),
    ):
        await tell(store, resource, batch(*records, export_id=None))
    chosen: Write = request.param
    return chosen


async def test_an_order_of_a_customer_who_was_merged_is_the_kept_ones(
    store: Store, write: Write
) -> None:
    await merge(store, removed=1, kept=2)
    await write(store, batch(order(1, customer_id=1)))
    assert (await stored(store)).customer_id == 2


async def test_who_was_merged_again_and_again_is_the_last_of_them(
    store: Store, write: Write
) -> None:
    await merge(store, removed=1, kept=2)
    await merge(store, removed=2, kept=3)
    await write(store, batch(order(1, customer_id=1)))
    assert (await stored(store)).customer_id == 3


async def test_mergers_that_are_told_at_once_may_be_told_in_any_order(
    store: Store, write: Write
) -> None:
    await write(store, batch(order(1, customer_id=1)))
    mergers = (Merger(kept=3, removed=2), Merger(kept=2, removed=1))
    told = batch(deleted=(1, 2), observed_at=TUESDAY)
    await tell(store, Resource.CUSTOMERS, told, mergers=mergers)
    assert (await stored(store)).customer_id == 3


async def test_who_was_merged_into_somebody_erased_is_nobody(store: Store, write: Write) -> None:
    await merge(store, removed=1, kept=2)
    erasure = Erasure(customer=2, at=WEDNESDAY)
    await tell(store, Resource.CUSTOMERS, batch(), erasures=(erasure,))
    await write(store, batch(order(1, customer_id=1)))
    assert (await stored(store)).customer_id is None


async def test_who_was_erased_before_being_merged_is_nobody(store: Store, write: Write) -> None:
    erasure = Erasure(customer=1, at=TUESDAY)
    await tell(store, Resource.CUSTOMERS, batch(), erasures=(erasure,))
    await merge(store, removed=1, kept=2)
    await write(store, batch(order(1, customer_id=1)))
    assert (await stored(store)).customer_id is None


async def test_a_repetition_from_before_a_merger_changes_nothing(
    store: Store, write: Write
) -> None:
    await write(store, batch(order(1, customer_id=1)))
    await merge(store, removed=1, kept=2)
    await by_an_event(store, batch(order(1, customer_id=1), observed_at=WEDNESDAY))
    assert (await stored(store)).customer_id == 2


async def test_a_line_of_a_deleted_product_refers_to_none(store: Store, write: Write) -> None:
    await delete_product(store, 2)
    await write(store, batch(OF_THREE_PRODUCTS))
    lines = (await stored(store)).line_items
    assert [(line.product_id, line.variant_id) for line in lines] == [(1, 1), (None, None), (3, 3)]


async def test_a_line_that_an_export_brings_late_refers_to_no_deleted_product(
    store: Store, write: Write
) -> None:
    del write
    run = await run_under_way(store)
    first, *others = OF_THREE_PRODUCTS.line_items
    run = await commit(store, run, Resource.ORDERS, batch(order(1, line_items=(first,))))
    await delete_product(store, 2)
    loose = tuple(LooseChild(parent_id=1, child=each) for each in others)
    await commit(store, run, Resource.ORDERS, batch(loose_children=loose))
    assert [line.product_id for line in (await stored(store)).line_items] == [1, None, 3]


async def test_a_product_that_was_deleted_by_mistake_counts_again(
    store: Store, write: Write
) -> None:
    await delete_product(store, 2)
    back = batch(product(2), observed_at=TUESDAY + timedelta(hours=2), export_id=None)
    await tell(store, Resource.PRODUCTS, back)
    await write(store, batch(OF_THREE_PRODUCTS))
    assert [line.product_id for line in (await stored(store)).line_items] == [1, 2, 3]


@pytest.mark.parametrize("what", ["merge", "delete"])
async def test_what_goes_while_an_order_is_being_written_is_gone_for_it_too(
    store: Store, write: Write, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    gone: list[asyncio.Task[None]] = []
    followed = GoneReferences.followed

    async def goes_after_the_look(
        self: GoneReferences, orders: Mapping[int, Any], session: Session
    ) -> dict[int, Any]:
        seen: dict[int, Any] = await followed(self, orders, session)
        if not gone:
            going = merge(store, 1, 2) if what == "merge" else delete_product(store, 2)
            gone.append(asyncio.create_task(going))
            await asyncio.wait(gone, timeout=0.3)  # enough for one that does not wait its turn
        return seen

    monkeypatch.setattr(GoneReferences, "followed", goes_after_the_look)
    await write(store, batch(OF_THREE_PRODUCTS, observed_at=MONDAY))
    await gone[0]
    found = await stored(store)
    if what == "merge":
        assert found.customer_id == 2
    else:
        assert [line.product_id for line in found.line_items] == [1, None, 3]
