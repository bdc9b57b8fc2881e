"""Tells one listener which days of a shop's KPIs have changed, at most once in a while."""

from collections.abc import AsyncGenerator
from datetime import date

from sync_engine.model.clock import Clock
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.rollups.feed import RollupFeed

_INTERVAL_SECONDS = 1.0


async def kpi_updates(
    feed: RollupFeed, shop: ShopDomain, clock: Clock
) -> AsyncGenerator[list[date], None]:
    """Yield the days that have changed since the last time; the first change at once.

    Changes that come within a second are told together. No days mean that any may have changed.
    """
    with feed.listen(shop) as changes:
        while True:
            days = await changes.next()
            yield [date.fromisoformat(day) for day in days]
            await clock.sleep(_INTERVAL_SECONDS)
