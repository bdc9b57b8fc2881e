"""Counts what shops' people ask of the API, in memory, and stores it every few seconds."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import structlog

from sync_engine.engine import Engine
from sync_engine.model.errors import SyncError
from sync_engine.model.shop_domain import ShopDomain

_STORE_SECONDS = 10.0

log = structlog.get_logger(__name__)


class EngagementLog:
    """Operations per shop and day; a process that is killed loses the last seconds of them.

    What is asked before the first sync is over is no use of what was synced, and is not stored.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._counts: Counter[tuple[ShopDomain, date]] = Counter()

    def count(self, shop: ShopDomain, day: date) -> None:
        """Count an operation of a shop's caller."""
        self._counts[shop, day] += 1

    @asynccontextmanager
    async def storing(self, engine: Engine) -> AsyncIterator[None]:
        """Store what is counted for the duration of the block, and the rest at its end."""
        task = asyncio.create_task(self._store_on(engine), name="engagement")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            await self.store(engine)

    async def store(self, engine: Engine) -> None:
        """Store what was counted since the last time; what cannot be is kept for the next."""
        counts, self._counts = self._counts, Counter()
        try:
            async with asyncio.timeout(_STORE_SECONDS):
                while counts:
                    shop, day = next(iter(counts))
                    if await _is_synced(engine, shop):
                        await engine.store.engagement.add(shop, day, counts[shop, day])
                    del counts[shop, day]
        except (SyncError, TimeoutError) as error:
            log.warning("engagement.not_stored", reason=str(error) or "took too long")
            self._counts.update(counts)

    async def _store_on(self, engine: Engine) -> None:
        while True:
            await engine.clock.sleep(_STORE_SECONDS)
            await self.store(engine)


async def _is_synced(engine: Engine, shop: ShopDomain) -> bool:
    found = await engine.store.shops.get(shop)
    return found is not None and bool(found.synced_through)
