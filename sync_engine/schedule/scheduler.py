"""Looks every second for runs that nobody works on: new ones, and those whose worker died.

Any number of processes may do this. The jobs live in memory, so they are the same at every start;
what is due stands in MongoDB, where a lease decides who works on it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from sync_engine.jobs.dispatcher import Dispatcher
from sync_engine.model.errors import SyncError
from sync_engine.store.run_queue import RunQueue

_LOOK_SECONDS = 1

log = structlog.get_logger(__name__)


async def hand_over_waiting_runs(queue: RunQueue, dispatcher: Dispatcher) -> None:
    """Dispatch every active run; whoever works on one already keeps it by its lease."""
    try:
        async for shop, run_id in queue.waiting():
            dispatcher.dispatch(shop, run_id)
    except SyncError as error:
        log.warning("schedule.look_failed", reason=str(error))


@asynccontextmanager
async def open_scheduler(queue: RunQueue, dispatcher: Dispatcher) -> AsyncIterator[None]:
    """Keep looking for the duration of the block."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(
        hand_over_waiting_runs,
        "interval",
        args=[queue, dispatcher],
        seconds=_LOOK_SECONDS,
        id="hand over waiting runs",
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
