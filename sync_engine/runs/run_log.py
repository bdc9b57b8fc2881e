"""The run as its worker sees it, and every write to it: steps, checkpoints, batches, the end."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import structlog

from sync_engine.model.batch import Batch, Reject
from sync_engine.model.clock import Clock
from sync_engine.model.errors import CancelRequestedError, SyncError
from sync_engine.model.run import Advance, ApiUsage, Checkpoint, Run, StageChange, StrategyFallback
from sync_engine.model.sync_enums import Resource, SyncPhase, SyncState, SyncStrategy
from sync_engine.model.telemetry import SILENT, Telemetry
from sync_engine.runs.rate import Rate
from sync_engine.runs.withheld import withheld_rejects
from sync_engine.shopify.meter import Meter
from sync_engine.store.records.sealed import SealedBatch
from sync_engine.store.store import ShopStore, ShopWriters

log = structlog.get_logger(__name__)


class RunLog:
    """Writes under the run's fence, one write at a time, and keeps its newest state.

    The stages of a run prepare side by side. Were they to write side by side too, an answer that
    comes late would put an older state in the place of a newer one.
    """

    def __init__(
        self,
        run: Run,
        store: ShopStore,
        writers: ShopWriters,
        meter: Meter,
        clock: Clock,
        *,
        telemetry: Telemetry = SILENT,
    ) -> None:
        """Take a run that was just taken up."""
        self.run = run
        self.telemetry = telemetry
        self._store = store
        self._writers = writers
        self._meter = meter
        self._clock = clock
        self._rate = Rate(clock)
        self._writing = asyncio.Lock()

    async def begin_stage(self, resource: Resource) -> None:
        """Note that a stage is being exported; harmless where it had begun before."""
        change = StageChange(phase=SyncPhase.EXPORTING)
        if self.run.stage(resource).started_at is None:
            change = StageChange(phase=SyncPhase.EXPORTING, started_at=self._clock.now())
        await self._advance(resource, change)

    async def take_road(
        self,
        resource: Resource,
        strategy: SyncStrategy,
        fallbacks: tuple[StrategyFallback, ...],
    ) -> None:
        """Note how a stage is read from now on; it begins anew, with nothing read or counted."""
        change = StageChange(strategy=strategy, fallbacks=fallbacks, checkpoint=None, total=None)
        await self._advance(resource, change, processed=0)

    async def begin_import(self) -> None:
        """Note that many orders are about to come."""
        await self._writers.rollups.begin(now=self._clock.now())

    async def end_import(self) -> None:
        """Write what was held back since."""
        await self._writers.rollups.end()

    async def begin_transfer(self, resource: Resource) -> None:
        """Note that records of a stage begin to come."""
        self._rate = Rate(self._clock)
        await self._advance(resource, StageChange(phase=SyncPhase.TRANSFERRING))

    async def end_stage(self, resource: Resource, phase: SyncPhase) -> None:
        """Note how a stage ended."""
        await self._advance(resource, StageChange(phase=phase, finished_at=self._clock.now()))
        self.telemetry.stage_ended(self.run.mode, self.run.stage(resource))

    async def fail_stage(self, resource: Resource, error: SyncError) -> None:
        """Note that a stage cannot be done, and why."""
        reject = Reject(
            code=error.code, message=str(error), resource_id=None, payload=None, is_record=False
        )
        now = self._clock.now()
        await self._store.errors.add([reject], run_id=self.run.id, resource=resource, now=now)
        change = StageChange(phase=SyncPhase.FAILED, finished_at=now)
        await self._advance(resource, change, messages=(reject.message,))
        self.telemetry.stage_ended(self.run.mode, self.run.stage(resource))

    async def save_checkpoint(
        self,
        resource: Resource,
        checkpoint: Checkpoint,
        total: int | None,
        *,
        processed: int | None = None,
    ) -> None:
        """Note where a source stands between batches; ``processed`` as in ``Advance``."""
        change = StageChange(checkpoint=checkpoint)
        if total is not None:
            change = StageChange(checkpoint=checkpoint, total=total)
        await self._advance(resource, change, processed=processed)

    async def seal(self, resource: Resource, batch: Batch) -> SealedBatch[Any]:
        """Encode a batch for ``commit``."""
        return await self._writers.batches[resource].seal(batch)

    async def commit(self, resource: Resource, sealed: SealedBatch[Any]) -> None:
        """Write a batch with its checkpoint, and once in a run, which fields are kept back.

        Raises:
            LeaseLostError: another worker holds the shop; nothing was written.
            CancelRequestedError: it was written, and somebody wants the run to stop.
        """
        async with self._writing:
            usage = self._meter.take()
            known = self.run.stage(resource).withheld
            fresh = tuple(sorted(sealed.batch.withheld.difference(known)))
            sealed.rejects += withheld_rejects(resource, fresh)
            change = StageChange(checkpoint=sealed.batch.checkpoint)
            if fresh:
                change = msgspec.structs.replace(change, withheld=(*known, *fresh))
            step = Advance(
                now=self._clock.now(),
                change=change,
                usage=usage,
                records_per_second=self._rate.add(len(sealed.batch.records)),
            )
            try:
                with self.telemetry.span("batch", resource=resource, records=len(sealed.records)):
                    run = await self._writers.batches[resource].commit(self.run, sealed, step)
            except SyncError:
                self._meter.give_back(usage)
                raise
            self._take(run, resource)
        if self.run.cancel_requested_at is not None:
            raise CancelRequestedError

    def in_doubt(self, resource: Resource, export_id: str) -> AsyncGenerator[list[int]]:
        """Yield the records that an export has left in doubt, some at a time."""
        return self._writers.settlement.in_doubt(resource, export_id)

    async def end_export(self, resource: Resource, export_id: str, *, is_whole: bool) -> None:
        """Quarantine what has no parent, or forget it where the export was given up."""
        if not is_whole:
            await self._writers.settlement.discard(export_id)
            return
        async with self._writing:
            step = Advance(now=self._clock.now())
            run = await self._writers.settlement.settle(self.run, resource, export_id, step)
            self._take(run, resource)

    async def finish(self, state: SyncState, message: str | None) -> None:
        """Close the run."""
        async with self._writing:
            self.run = await self._store.runs.finish(
                self.run, state, message=message, usage=self._meter.take(), now=self._clock.now()
            )
        self.telemetry.run_ended(self.run)

    async def put_down(self) -> None:
        """Write what was asked of Shopify since the last step, if anything was.

        Whoever stops working on a run that is not over calls this. Where it cannot be written, as
        after the lease was lost, it is not known to anybody.
        """
        async with self._writing:
            usage = self._meter.take()
            if usage == ApiUsage():
                return
            try:
                self.run = await self._store.runs.add_usage(self.run, usage, now=self._clock.now())
            except SyncError as error:
                log.warning("run.usage_not_noted", reason=str(error), requests=usage.requests)

    def _take(self, run: Run, resource: Resource) -> None:
        """Go on with a newer state of the run, and tell what was written since the last."""
        stage = run.stage(resource)
        written = stage.counts - self.run.stage(resource).counts
        self.run = run
        self.telemetry.records_written(run.mode, stage, written)

    async def _advance(
        self,
        resource: Resource,
        change: StageChange,
        *,
        messages: tuple[str, ...] = (),
        processed: int | None = None,
    ) -> None:
        async with self._writing:
            usage = self._meter.take()
            step = Advance(
                now=self._clock.now(),
                change=change,
                processed=processed,
                usage=usage,
                messages=messages,
            )
            try:
                self.run = await self._store.runs.advance(self.run, resource, step)
            except SyncError:
                self._meter.give_back(usage)
                raise
