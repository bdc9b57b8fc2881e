"""A clock for tests over real connections: every wait is over at once, and noted."""

import asyncio

from tests.manual_clock import ManualClock


class HurriedClock(ManualClock):
    """Implements the engine's clock for one task at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.waits.append(seconds)
            self.advance(seconds)
        await asyncio.sleep(0)
