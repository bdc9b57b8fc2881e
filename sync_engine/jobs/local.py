"""Works on runs in this process: a few at a time, each for another shop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from sync_engine.model.clock import Clock
from sync_engine.model.errors import RetryableError, SyncError
from sync_engine.model.log_scope import begin_log_scope
from sync_engine.model.shop_domain import ShopDomain

_FIRST_PAUSE_SECONDS = 2.0
_MAX_PAUSE_SECONDS = 300.0

log = structlog.get_logger(__name__)

Work = Callable[[ShopDomain, str], Awaitable[None]]


class LocalDispatcher:
    """Runs the work as tasks of this process; a run that is interrupted rests, longer each time."""

    def __init__(self, work: Work, give_up: Work, *, at_once: int, clock: Clock) -> None:
        """Take what to do with a run, and with one that a bug of ours has stopped."""
        self._work = work
        self._give_up = give_up
        self._slots = asyncio.Semaphore(at_once)
        self._clock = clock
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._paused_until: dict[str, float] = {}
        self._pauses: dict[str, float] = {}
        self._is_open = False

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Take work for the duration of the block; at its end, stop where the work stands."""
        self._is_open = True
        try:
            yield
        finally:
            self._is_open = False
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)

    def dispatch(self, shop: ShopDomain, run_id: str) -> None:
        """Begin to work on the run, unless that is so already or it has to rest."""
        rests = self._clock.monotonic_seconds() < self._paused_until.get(run_id, 0.0)
        if self._is_open and not rests and run_id not in self._tasks:
            task = asyncio.create_task(self._run(shop, run_id), name=f"run {run_id}")
            self._tasks[run_id] = task
            task.add_done_callback(lambda _: self._tasks.pop(run_id, None))

    async def _run(self, shop: ShopDomain, run_id: str) -> None:
        begin_log_scope(shop=shop, run_id=run_id)
        async with self._slots:
            try:
                try:
                    await self._work(shop, run_id)
                except SyncError:
                    raise
                except Exception:
                    log.exception("run.crashed")
                    await self._give_up(shop, run_id)
            except SyncError as error:
                log.warning("run.interrupted", reason=str(error))
                self._rest(run_id, error)
            else:
                self._pauses.pop(run_id, None)
                self._paused_until.pop(run_id, None)

    def _rest(self, run_id: str, error: SyncError) -> None:
        pause = min(self._pauses.get(run_id, _FIRST_PAUSE_SECONDS / 2) * 2, _MAX_PAUSE_SECONDS)
        self._pauses[run_id] = pause
        asked = error.retry_after_seconds if isinstance(error, RetryableError) else None
        self._paused_until[run_id] = self._clock.monotonic_seconds() + max(pause, asked or 0.0)
