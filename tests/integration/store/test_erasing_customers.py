"""An erased customer stays erased, whatever is being written at the same moment."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

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
    customer,
    order,
    run_under_way,
)


def erasing(*numbers: int) -> ShopChange:
    erasures = tuple(Erasure(customer=number, at=TUESDAY) for number in numbers)
    return ShopChange(resource=Resource.CUSTOMERS, batch=batch(), erasures=erasures)


async def erase(store: Store, *numbers: int) -> None:
    async with store.changes(SHOP) as changes:
        await changes.write(erasing(*numbers), now=TUESDAY)


async def buyer(store: Store, number: int = 1) -> int | None:
    found = await store.shop(SHOP).orders.get(number)
    assert found is not None
    return found.customer_id


async def test_a_batch_that_began_before_an_erasure_does_not_bring_the_person_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await run_under_way(store)
    erasures: list[asyncio.Task[None]] = []
    followed = GoneReferences.followed

    async def erased_after_the_look(
        self: GoneReferences, orders: Mapping[int, Any], session: Session
    ) -> dict[int, Any]:
        seen = await followed(self, orders, session)
        erasures.append(asyncio.create_task(erase(store, 7)))
        await asyncio.wait(erasures, timeout=0.3)  # enough for one that does not wait its turn
        return seen

    monkeypatch.setattr(GoneReferences, "followed", erased_after_the_look)
    await commit(store, run, Resource.ORDERS, batch(order(1, customer_id=7)))
    (erasure,) = erasures
    await erasure
    assert await buyer(store) is None


async def test_erasing_again_changes_nothing_and_a_deletion_does_not_undo_it(store: Store) -> None:
    run = await run_under_way(store)
    run = await commit(store, run, Resource.CUSTOMERS, batch(customer(7)))
    await erase(store, 7, 8)
    await erase(store, 7)
    await commit(store, run, Resource.CUSTOMERS, batch(deleted=(7,), observed_at=WEDNESDAY))
    mine = store.shop(SHOP)
    assert await mine.erased_customers.numbers() == {7, 8}
    assert await mine.customers.count() == 0


@pytest.mark.parametrize(
    ("changed_after", "seen_after", "comes_back"),
    [(-1, 72, False), (1, -1, False), (1, 1, True)],
)
async def test_only_a_change_that_is_seen_after_the_erasure_is_news(
    store: Store, changed_after: int, seen_after: int, *, comes_back: bool
) -> None:
    run = await run_under_way(store)
    run = await commit(store, run, Resource.CUSTOMERS, batch(customer(7, updated_at=MONDAY)))
    await erase(store, 7)
    version = customer(7, updated_at=TUESDAY + timedelta(hours=changed_after))
    seen = TUESDAY + timedelta(hours=seen_after)
    await commit(store, run, Resource.CUSTOMERS, batch(version, observed_at=seen))
    assert await store.shop(SHOP).customers.count() == comes_back


async def test_orders_of_a_customer_that_is_merged_into_an_erased_one_are_a_guests(
    store: Store,
) -> None:
    run = await run_under_way(store)
    await commit(store, run, Resource.ORDERS, batch(order(1, customer_id=7)))
    await erase(store, 8)
    merged = ShopChange(
        resource=Resource.CUSTOMERS,
        batch=batch(deleted=(7,)),
        mergers=(Merger(kept=8, removed=7),),
    )
    async with store.changes(SHOP) as changes:
        await changes.write(merged, now=WEDNESDAY)
    assert await buyer(store) is None
