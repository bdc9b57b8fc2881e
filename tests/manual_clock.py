"""A clock for tests: time passes when everybody sleeps, and then at once."""

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

_START = datetime(2026, 11, 24, tzinfo=UTC)


class ManualClock:
    """Implements the engine's clock; ``run_until_idle`` lets the sleepers wake in order."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return _START + timedelta(seconds=self._seconds)

    def monotonic_seconds(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._seconds + seconds, next(self._order), wake))
        await wake

    def advance(self, seconds: float) -> None:
        """Let time pass and wake whoever's time has come."""
        self._seconds += seconds
        while self._sleepers and self._sleepers[0][0] <= self._seconds:
            wake = heapq.heappop(self._sleepers)[2]
            if not wake.done():
                wake.set_result(None)

    async def run_until_done(self, task: asyncio.Task[None], *, limit_seconds: float) -> None:
        """Jump from sleeper to sleeper until the task is done; fails after the limit."""
        deadline = self._seconds + limit_seconds
        while not task.done():
            for _ in range(50):  # let everything that can run do so
                await asyncio.sleep(0)
            if task.done():
                break
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            assert self._sleepers, "everybody waits, and nobody for time"
            assert self._sleepers[0][0] <= deadline, "the task is not done within the limit"
            self.advance(max(0.0, self._sleepers[0][0] - self._seconds))
        task.result()
