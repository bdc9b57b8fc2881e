"""Waiting for what other tasks and processes do: for the event, never for a time."""

import asyncio
from collections.abc import Awaitable, Callable

from sync_engine.model.run import Run
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.store import Store


async def ended_run(store: Store, shop: ShopDomain, *, within_seconds: float = 90) -> Run:
    """Return the shop's newest run once it is over."""
    async with asyncio.timeout(within_seconds), store.feed.open():
        with store.run_feed.listen(shop) as changes:
            run = await store.shop(shop).runs.latest()
            while run is None or run.state.is_active:
                changed = await changes.next()
                # What is told late may be of the run before.
                run = changed if run is None or changed.queued_at >= run.queued_at else run
            return run


async def until(condition: Callable[[], Awaitable[bool]], *, within_seconds: float = 60) -> None:
    """Return as soon as the condition holds."""
    async with asyncio.timeout(within_seconds):
        while not await condition():  # noqa: ASYNC110 - other processes set no event here
            await asyncio.sleep(0.02)
