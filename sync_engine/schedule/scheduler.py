"""Looks for what is due: runs that nobody works on, recurring jobs, shops without a timetable.

Any number of processes may do this. The jobs of APScheduler live in memory, so they are the same at
every start; what is due stands in MongoDB, where a lease or a claim decides who does it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from sync_engine.jobs.dispatcher import Dispatcher
from sync_engine.model.errors import SyncError
from sync_engine.schedule.do_due_jobs import DueJobs
from sync_engine.schedule.plan_shops import plan_all_shops
from sync_engine.store.store import Store

_LOOK_SECONDS = 1
_PLAN_SECONDS = 300

log = structlog.get_logger(__name__)


async def hand_over_waiting_runs(store: Store, dispatcher: Dispatcher) -> None:
    """Dispatch every active run; whoever works on one already keeps it by its lease."""
    async for shop, run_id in store.run_queue.waiting():
        dispatcher.dispatch(shop, run_id)


@asynccontextmanager
async def open_scheduler(
    store: Store, dispatcher: Dispatcher, due_jobs: DueJobs, random: Random
) -> AsyncIterator[None]:
    """Keep looking for the duration of the block."""

    async def hand_over() -> None:
        await hand_over_waiting_runs(store, dispatcher)

    async def plan() -> None:
        await plan_all_shops(store.timetable, store.shops.every(), random)

    scheduler = AsyncIOScheduler(timezone="UTC")
    for look, seconds in (
        (hand_over, _LOOK_SECONDS),
        (due_jobs.do_all, _LOOK_SECONDS),
        (plan, _PLAN_SECONDS),
    ):
        scheduler.add_job(
            _unless_mongodb_is_away(look),
            "interval",
            seconds=seconds,
            id=look.__qualname__,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    await _unless_mongodb_is_away(plan)()
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


def _unless_mongodb_is_away(look: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def guarded() -> None:
        try:
            await look()
        except SyncError as error:
            log.warning("schedule.look_failed", reason=str(error))

    return guarded
