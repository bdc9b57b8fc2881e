"""Moves one resource from its source into the store: reads the next batch while one is written."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from sync_engine.model.run import Checkpoint, StrategyFallback
from sync_engine.model.sync_enums import Resource, SyncStrategy
from sync_engine.model.together import together
from sync_engine.runs.run_log import RunLog
from sync_engine.sources.source import StageSource
from sync_engine.store.records.sealed import SealedBatch

_BATCHES_AT_ONCE = 2  # one that is written, one that is read


class StageJournal:
    """A source's notes in the run, each written after the batches that came before it."""

    def __init__(self, resource: Resource, log: RunLog) -> None:
        """Write to the resource's stage."""
        self._resource = resource
        self._log = log
        self.batches: asyncio.Queue[SealedBatch[Any] | None] = asyncio.Queue(maxsize=1)

    async def save(
        self, checkpoint: Checkpoint, total: int | None, *, processed: int | None = None
    ) -> None:
        """Write a checkpoint."""
        await self.batches.join()
        await self._log.save_checkpoint(self._resource, checkpoint, total, processed=processed)

    async def take_road(
        self, strategy: SyncStrategy, fallbacks: tuple[StrategyFallback, ...]
    ) -> None:
        """Write how the stage is read from now on."""
        await self.batches.join()
        await self._log.take_road(self._resource, strategy, fallbacks)

    async def in_doubt(self, export_id: str) -> AsyncGenerator[list[int]]:
        """Yield the records that the export has left in doubt."""
        await self.batches.join()
        async with aclosing(self._log.in_doubt(self._resource, export_id)) as doubted:
            async for numbers in doubted:
                yield numbers

    async def end_export(self, export_id: str, *, is_whole: bool) -> None:
        """Settle the children that wait in the export."""
        await self.batches.join()
        await self._log.end_export(self._resource, export_id, is_whole=is_whole)


async def transfer(
    resource: Resource, source: StageSource, journal: StageJournal, log: RunLog
) -> None:
    """Commit every batch of the source, in order.

    While one batch is written the next is read, and no further: that is all a crash can cost.

    Raises:
        SyncError: reading or writing failed; what was committed stays.
    """
    queue = journal.batches
    room = asyncio.Semaphore(_BATCHES_AT_ONCE)

    async def read() -> None:
        async with aclosing(source.batches()) as batches:
            await room.acquire()
            async for batch in batches:
                await queue.put(await log.seal(resource, batch))
                await room.acquire()
        await queue.put(None)

    async def write() -> None:
        while (sealed := await queue.get()) is not None:
            await log.commit(resource, sealed)
            queue.task_done()
            room.release()

    await together((read(), write()))
