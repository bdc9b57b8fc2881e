"""Executes a run that was taken up: exports side by side, then customers, products, orders."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import NoReturn

import structlog

from sync_engine.kpis.keeper import RollupKeeper
from sync_engine.model.clock import Clock
from sync_engine.model.errors import (
    CancelRequestedError,
    CircuitOpenError,
    LeaseLostError,
    ShopBlockedError,
    StoreUnavailableError,
    SyncError,
)
from sync_engine.model.run import Run, Stage
from sync_engine.model.sync_enums import Resource, SyncMode, SyncPhase, SyncState
from sync_engine.model.together import while_watching
from sync_engine.runs.run_log import RunLog
from sync_engine.runs.transfer import StageJournal, transfer
from sync_engine.runs.withheld import withheld_sentences
from sync_engine.sources.source import StageSource
from sync_engine.store.run_feed import RunFeed
from sync_engine.store.shops import ShopRepository

log = structlog.get_logger(__name__)

_FRUITLESS_ATTEMPTS = 240  # about as many minutes, between which the shop is left alone

SourceFactory = Callable[[Stage, StageJournal], StageSource]
"""Makes the source of a stage, which goes on from the stage's strategy and checkpoint."""


class RunExecutor:
    """Brings one run to its end, from wherever it stands."""

    def __init__(
        self,
        run_log: RunLog,
        make_source: SourceFactory,
        *,
        shops: ShopRepository,
        feed: RunFeed,
        rollups: RollupKeeper,
        clock: Clock,
    ) -> None:
        """Take a run that was just taken up, with the way to its sources."""
        self._log = run_log
        self._shops = shops
        self._feed = feed
        self._rollups = rollups
        self._clock = clock
        self._failures: dict[Resource, SyncError] = {}
        self._journals: dict[Resource, StageJournal] = {}
        self._sources: dict[Resource, StageSource] = {}
        for stage in run_log.run.stages:
            if not stage.phase.is_final:
                journal = StageJournal(stage.resource, run_log)
                self._journals[stage.resource] = journal
                self._sources[stage.resource] = make_source(stage, journal)

    async def execute(self) -> Run:
        """Work until the run is over and return it.

        A resource that cannot be read fails alone and the others go on; a shop that refuses us
        stops the whole run and is marked with the reason.

        Raises:
            LeaseLostError: another worker took the run over; it is not over.
            StoreUnavailableError: MongoDB is away; the run can be taken up again.
            CircuitOpenError: Shopify is away for this shop; likewise, but not for ever.
        """
        try:
            await while_watching(self._work(), self._watch_for_cancel())
        except CancelRequestedError:
            await self._abandon()
            await self._log.finish(SyncState.CANCELLED, "Cancelled on request.")
        except ShopBlockedError as error:
            await self._block(error)
        else:
            await self._conclude()
        run = self._log.run
        log.info(
            "run.finished",
            mode=run.mode,
            trigger=run.trigger,
            state=run.state,
            seconds=_seconds(run),
            errors=run.error_count,
            resumed=run.resumed_count,
            records=sum(stage.counts.processed for stage in run.stages),
            requests=run.usage.requests,
            cost_points=run.usage.cost_points,
            throttled=run.usage.throttled,
            seconds_waited_for_budget=round(run.usage.seconds_waited_for_budget, 3),
        )
        return run

    async def _watch_for_cancel(self) -> NoReturn:
        """Wait until somebody wants the run to stop.

        Raises:
            CancelRequestedError: somebody does.
        """
        watched = self._log.run
        with self._feed.listen(watched.shop) as changes:
            run = watched
            while run.id != watched.id or run.cancel_requested_at is None:
                run = await changes.next()
        raise CancelRequestedError

    async def _work(self) -> None:
        async with self._preparing() as preparations:
            for resource, preparation in preparations.items():
                source = self._sources[resource]
                try:
                    with self._log.telemetry.span("stage", resource=resource):
                        await preparation
                        await self._log.begin_transfer(resource)
                        async with self._rolling_up(resource):
                            await transfer(resource, source, self._journals[resource], self._log)
                except SyncError as error:
                    if not (_stops_only_the_stage(error) or self._is_hopeless(error)):
                        raise
                    self._failures[resource] = error
                    await self._log.fail_stage(resource, error)
                else:
                    await self._shops.move_watermarks(
                        self._log.run.shop, {resource: source.synced_through}
                    )
                    await self._log.end_stage(resource, SyncPhase.DONE)

    def _is_hopeless(self, error: SyncError) -> bool:
        """Whether Shopify has failed so often and so long that others are better let through."""
        is_away = isinstance(error, CircuitOpenError)
        return is_away and self._log.run.fruitless_count >= _FRUITLESS_ATTEMPTS

    @asynccontextmanager
    async def _rolling_up(self, resource: Resource) -> AsyncIterator[None]:
        """See that a stage ends with whole rollups; what is cut off is mended by a job."""
        run = self._log.run
        if resource is not Resource.ORDERS:
            yield
            return
        if run.mode is SyncMode.INITIAL:
            await self._log.begin_import()
        try:
            yield
        finally:
            await self._log.end_import()
        await self._rollups.settle(run.shop)

    @asynccontextmanager
    async def _preparing(self) -> AsyncIterator[Mapping[Resource, asyncio.Task[None]]]:
        """Let all sources prepare at the same time; what still does at the end is stopped."""

        async def prepare(resource: Resource, source: StageSource) -> None:
            await self._log.begin_stage(resource)
            await source.prepare()

        tasks = {
            resource: asyncio.create_task(prepare(resource, source), name=f"prepare {resource}")
            for resource, source in self._sources.items()
        }
        try:
            yield tasks
        finally:
            for task in tasks.values():
                task.cancel()
            if tasks:
                await asyncio.wait(tasks.values())
            for task in tasks.values():
                if not task.cancelled():
                    task.exception()  # whoever awaited it has it; nobody else needs it

    async def _abandon(self) -> None:
        """Cancel what the run has under way at Shopify; what cannot be, ends there by itself."""
        for source in self._sources.values():
            try:
                await source.abandon()
            except SyncError as error:
                log.warning("run.abandon_failed", reason=str(error))
        await self._log.end_import()

    async def _block(self, error: ShopBlockedError) -> None:
        shop = self._log.run.shop
        if error.status is not None:
            await self._shops.set_status(
                shop, error.status, reason=str(error), now=self._clock.now()
            )
        for stage in self._log.run.stages:
            if not stage.phase.is_final:
                await self._log.fail_stage(stage.resource, error)
        await self._log.finish(SyncState.FAILED, str(error))

    async def _conclude(self) -> None:
        run = self._log.run
        failed = [stage.resource for stage in run.stages if stage.phase is SyncPhase.FAILED]
        if failed:
            names = " and ".join(each.lower() for each in failed)
            reasons = {str(error) for error in self._failures.values()} or {"see its errors"}
            is_all = len(failed) == len(run.stages)
            await self._log.finish(
                SyncState.FAILED if is_all else SyncState.PARTIAL,
                " ".join(
                    (
                        f"The {names} could not be read: {'; '.join(sorted(reasons))}",
                        *withheld_sentences(run),
                    )
                ),
            )
        elif run.error_count:
            await self._log.finish(SyncState.PARTIAL, " ".join(_shortcomings(run)))
        else:
            await self._log.finish(SyncState.SUCCEEDED, None)


def _shortcomings(run: Run) -> list[str]:
    """Return in sentences what a run that read everything has not kept."""
    lost = run.error_count - sum(len(stage.withheld) for stage in run.stages)
    sentences = []
    if lost:
        what = "1 record" if lost == 1 else f"{lost} records or parts"
        sentences.append(f"{what} could not be kept and went to the errors of this run.")
    return [*sentences, *withheld_sentences(run)]


def _seconds(run: Run) -> float | None:
    if run.started_at is None or run.finished_at is None:
        return None
    return round((run.finished_at - run.started_at).total_seconds(), 3)


def _stops_only_the_stage(error: SyncError) -> bool:
    if isinstance(error, ShopBlockedError):
        return error.status is None
    interrupts = CancelRequestedError | LeaseLostError | StoreUnavailableError | CircuitOpenError
    return not isinstance(error, interrupts)
