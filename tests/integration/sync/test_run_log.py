"""The log of a run: its stages are written side by side, and no state of it goes back."""

import asyncio
from typing import Any

from sync_engine.model.clock import SystemClock
from sync_engine.model.run import Advance, Run, Stage, WriteCounts
from sync_engine.model.sync_enums import Resource, SyncMode
from sync_engine.model.telemetry import SilentTelemetry
from sync_engine.runs.run_log import RunLog
from sync_engine.shopify.meter import Meter
from sync_engine.store.records.sealed import SealedBatch
from sync_engine.store.store import Store
from tests import examples
from tests.examples import SHOP, batch, run_under_way

CUSTOMERS = Resource.CUSTOMERS
CHECKPOINT = {"operation": "gid://shopify/BulkOperation/2"}


class Told(SilentTelemetry):
    """Keeps what it hears was written."""

    def __init__(self) -> None:
        self.written: list[tuple[SyncMode, Resource, WriteCounts]] = []

    def records_written(self, mode: SyncMode, stage: Stage, counts: WriteCounts) -> None:
        """Keep it."""
        self.written.append((mode, stage.resource, counts))


async def test_what_another_stage_notes_while_a_batch_is_written_hides_nothing_of_it(
    store: Store,
) -> None:
    told = Told()
    run = await run_under_way(store)
    async with store.writers(SHOP) as writers:
        log = RunLog(run, store.shop(SHOP), writers, Meter(), SystemClock(), telemetry=told)
        batches: Any = writers.batches[CUSTOMERS]
        commit = batches.commit
        noted: asyncio.Task[None] | None = None

        async def commit_and_be_late(run: Run, sealed: SealedBatch[Any], step: Advance) -> Run:
            """Write, and let another stage note something before the answer is heard of."""
            nonlocal noted
            written: Run = await commit(run, sealed, step)
            noted = asyncio.create_task(log.save_checkpoint(Resource.PRODUCTS, CHECKPOINT, 7))
            await asyncio.wait({noted}, timeout=0.5)
            return written

        batches.commit = commit_and_be_late
        sealed = await log.seal(CUSTOMERS, batch(examples.customer(1), examples.customer(2)))
        await log.commit(CUSTOMERS, sealed)
        assert noted is not None
        await noted
    counts = WriteCounts(processed=2, created=2)
    assert told.written == [(SyncMode.INITIAL, CUSTOMERS, counts)]
    assert log.run.stage(CUSTOMERS).counts == counts
    assert log.run.stage(Resource.PRODUCTS).checkpoint == CHECKPOINT
