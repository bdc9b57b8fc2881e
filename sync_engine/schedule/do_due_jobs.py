"""Claims what is due, a few jobs at a time, and has it done."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from random import Random

import structlog

from sync_engine.model.clock import Clock
from sync_engine.model.errors import SyncError
from sync_engine.model.log_scope import log_scope
from sync_engine.model.recurring import DueJob, RecurringJob, intervals
from sync_engine.model.shop import Shop
from sync_engine.model.telemetry import SILENT, Telemetry
from sync_engine.schedule.plan_shops import jittered
from sync_engine.store.shops import ShopRepository
from sync_engine.store.timetable import Timetable

_AT_ONCE = 4
_CLAIM_SECONDS = 120.0
_WORK_SECONDS = 90.0  # well within the claim
_FIRST_RETRY = timedelta(seconds=30)
_LAST_RETRY = timedelta(hours=1)

log = structlog.get_logger(__name__)

Task = Callable[[Shop], Awaitable[timedelta | None]]
"""Does a job for a shop; may say when to come again, where that is not after the interval."""


class DueJobs:
    """The part of this process in the recurring jobs of all shops."""

    def __init__(
        self,
        timetable: Timetable,
        shops: ShopRepository,
        tasks: Mapping[RecurringJob, Task],
        *,
        holder: str,
        random: Random,
        clock: Clock,
        telemetry: Telemetry = SILENT,
    ) -> None:
        """Take what each job does; ``holder`` names this process."""
        self._timetable = timetable
        self._shops = shops
        self._tasks = tasks
        self._holder = holder
        self._random = random
        self._clock = clock
        self._telemetry = telemetry

    async def do_all(self) -> None:
        """Do all that is due now. Any number of processes may call this at the same time.

        A job that fails comes again soon, later with every failure; it never stops the others.
        """
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(self._do_one_after_the_other())

    async def _do_one_after_the_other(self) -> None:
        try:
            while (
                job := await self._timetable.claim(holder=self._holder, seconds=_CLAIM_SECONDS)
            ) is not None:
                with (
                    log_scope(shop=job.shop, job=job.job),
                    self._telemetry.span("job", shop=job.shop, job=job.job),
                ):
                    await self._do(job)
        except SyncError as error:  # MongoDB is away; what was claimed will be claimed again
            log.warning("schedule.look_failed", reason=str(error))

    async def _do(self, job: DueJob) -> None:
        shop = await self._shops.get(job.shop)
        every = None if shop is None else intervals(shop).get(job.job)
        if shop is None or every is None:  # the shop has changed since it was planned
            await self._timetable.drop(job)
            return
        began = self._clock.monotonic_seconds()
        outcome = await self._perform(job, shop)
        seconds = self._clock.monotonic_seconds() - began
        self._telemetry.job_done(job.job, seconds, has_failed=isinstance(outcome, str))
        if isinstance(outcome, str):
            failures = job.failures + 1
            log.warning(
                "schedule.job_failed", reason=outcome, failures=failures, seconds=round(seconds, 3)
            )
            pause = min(_FIRST_RETRY * 2 ** min(job.failures, 10), _LAST_RETRY, every)
            next_in = jittered(pause, self._random)
            await self._timetable.finish(job, next_in=next_in, has_failed=True)
        else:
            log.info("schedule.job_done", seconds=round(seconds, 3))
            next_in = jittered(every, self._random) if outcome is None else outcome
            await self._timetable.finish(job, next_in=next_in)

    async def _perform(self, job: DueJob, shop: Shop) -> timedelta | str | None:
        """Return what the task returned, or why it failed."""
        try:
            async with asyncio.timeout(_WORK_SECONDS):
                return await self._tasks[job.job](shop)
        except (SyncError, TimeoutError) as error:
            return str(error) or "it took too long"
        except Exception:
            log.exception("schedule.job_crashed")
            return "it crashed"
