"""What the listeners to a shop's KPIs are told of: every change of a report, and nothing else."""

import msgspec
import pytest

from sync_engine.model.records import Product
from sync_engine.model.shop_change import ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.store.rollups.feed import DayListener, RollupFeed
from sync_engine.store.store import Store
from tests.examples import (
    MONDAY,
    OTHER_SHOP,
    SHOP,
    TUESDAY,
    batch,
    connected_shop,
    order,
    product,
)


async def _sell(store: Store, number: int) -> None:
    async with store.changes(SHOP) as changes:
        change = ShopChange(resource=Resource.ORDERS, batch=batch(order(number)))
        await changes.write(change, now=MONDAY)


@pytest.mark.parametrize("changes", [{"currency_code": "JPY"}, {"taxes_included": True}])
async def test_other_terms_are_told_when_nothing_of_the_old_ones_is_held(
    store: Store, changes: dict[str, object]
) -> None:
    profile = (await connected_shop(store)).profile
    heard: list[object] = []
    store.shop_feed.on_change(heard.append)
    async with store.feed.open():
        with store.rollup_feed.listen(SHOP) as listener:
            await store.shops.save_profile(SHOP, msgspec.structs.replace(profile, **changes), [])
            assert await listener.next() == []
            assert heard == [SHOP]


async def test_another_name_or_time_zone_or_the_same_again_is_not_told(store: Store) -> None:
    profile = (await connected_shop(store)).profile
    await _sell(store, 1)
    async with store.feed.open():
        with store.rollup_feed.listen(SHOP) as listener:
            renamed = msgspec.structs.replace(profile, name="Second", iana_timezone="Asia/Tokyo")
            for each in (renamed, renamed):
                await store.shops.save_profile(SHOP, each, [])
            await _sell(store, 2)  # of which the feed hears after all that
            assert await listener.next() == [str(MONDAY.date())]


async def _stock(store: Store, *products: Product) -> None:
    async with store.changes(SHOP) as changes:
        change = ShopChange(resource=Resource.PRODUCTS, batch=batch(*products))
        await changes.write(change, now=MONDAY)


async def test_another_title_is_told_and_products_that_are_new_or_otherwise_changed_are_not(
    store: Store,
) -> None:
    await connected_shop(store)
    await _sell(store, 1)
    async with store.feed.open():
        with store.rollup_feed.listen(SHOP) as listener:
            await _stock(store, product(1), product(2))
            await _stock(store, product(1, updated_at=TUESDAY, vendor="Another"))
            await _sell(store, 2)
            assert await listener.next() == [str(MONDAY.date())]
            await _stock(store, product(1), product(2, updated_at=TUESDAY, title="Another"))
            assert await listener.next() == []


async def test_any_day_stays_any_day_whatever_day_is_told_with_it() -> None:
    listener = DayListener(SHOP)
    listener.put(["2026-11-02"])
    listener.put([])
    listener.put(["2026-11-03"])
    assert await listener.next() == []
    listener.put(["2026-11-03"])
    assert await listener.next() == ["2026-11-03"]


async def test_only_the_shop_itself_hears_of_its_terms() -> None:
    feed = RollupFeed()
    with feed.listen(SHOP) as mine, feed.listen(OTHER_SHOP) as theirs:
        feed.shown_otherwise(SHOP)
        theirs.put(["2026-11-02"])
        assert await mine.next() == []
        assert await theirs.next() == ["2026-11-02"]
