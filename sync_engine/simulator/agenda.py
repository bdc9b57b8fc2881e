"""What is to happen later, on the simulated clock: by itself as time passes, at once when it jumps.

agenda.at(clock.now() + 60, send)
"""

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush

from sync_engine.simulator.clock import SimulatedClock

_NEVER = float("inf")


class Agenda:
    """Calls functions at their moments. Needs a running event loop once something is on it."""

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_moment = _NEVER
        clock.listen(self.run_due)

    def at(self, moment: float, act: Callable[[], None]) -> None:
        """Call `act` at a moment, in seconds since 1970; at once if it is past."""
        if moment <= self._clock.now():
            act()
            return
        self._count += 1
        heappush(self._due, (moment, self._count, act))
        self._arm()

    def run_due(self) -> None:
        """Call whatever is due by now."""
        now = self._clock.now()
        while self._due and self._due[0][0] <= now:
            heappop(self._due)[2]()
        self._arm()

    def clear(self) -> None:
        """Forget everything."""
        self._due.clear()
        self._disarm()

    def _arm(self) -> None:
        moment = self._due[0][0] if self._due else _NEVER
        if moment == self._timer_moment:
            return
        self._disarm()
        if moment < _NEVER:
            delay = max(0.0, moment - self._clock.now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._ring)
            self._timer_moment = moment

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_moment = None, _NEVER

    def _ring(self) -> None:
        self._timer, self._timer_moment = None, _NEVER
        self.run_due()
