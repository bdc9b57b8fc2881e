"""Hears that a bulk operation is over, from whichever process Shopify has told it to.

The webhook is noted on the run, and every process hears how runs change. It only means that
Shopify may be asked now: what became of the operation is what Shopify says, and whoever hears
nothing asks from time to time all the same.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from sync_engine.model.errors import StoreUnavailableError
from sync_engine.store.run_feed import RunFeed, RunListener
from sync_engine.store.runs import RunRepository

log = structlog.get_logger(__name__)


class OperationNews:
    """What is heard of the operations of one run."""

    def __init__(self, run_id: str, *, runs: RunRepository, feed: RunFeed) -> None:
        """Take the run, the runs of its shop, and the feed that tells how they change."""
        self._run_id = run_id
        self._runs = runs
        self._feed = feed

    @asynccontextmanager
    async def about(self, operation_id: str) -> AsyncIterator[asyncio.Event]:
        """Yield what is set once when the operation is said to be over, also if it was before."""
        told = asyncio.Event()
        with self._feed.listen(self._runs.shop) as changes:
            hearing = asyncio.create_task(self._hear(operation_id, changes, told))
            try:
                yield told
            finally:
                hearing.cancel()
                await asyncio.wait([hearing])

    async def _hear(self, operation_id: str, changes: RunListener, told: asyncio.Event) -> None:
        try:
            run = await self._runs.get(self._run_id)
        except StoreUnavailableError as error:
            log.warning("bulk.news_missed", run_id=self._run_id, reason=str(error))
            run = None
        while run is None or run.id != self._run_id or operation_id not in run.operations_over:
            run = await changes.next()
        told.set()
