"""Common books of a bucket for budgets that live by one simulated clock."""

import copy
from typing import Any

from sync_engine.model.books import Books
from sync_engine.model.errors import StoreUnavailableError
from tests.manual_clock import ManualClock


class SharedMemoryBooks:
    """Keeps to the same rules as the books in MongoDB; looking into them takes a while there."""

    def __init__(self, clock: ManualClock, way_seconds: float = 0.002) -> None:
        self._clock = clock
        self._way_seconds = way_seconds
        self._content: dict[str, Any] | None = None
        self._version = 0
        self.looks = 0
        self.is_away = False

    async def read(self) -> Books:
        await self._go()
        now = self._clock.monotonic_seconds() + 1e6
        return Books(copy.deepcopy(self._content), self._version, now)

    async def write(self, content: dict[str, Any], *, version: int) -> bool:
        await self._go()
        is_mine = version == self._version
        if is_mine:
            self._content, self._version = copy.deepcopy(content), version + 1
        return is_mine

    async def _go(self) -> None:
        self.looks += 1
        await self._clock.sleep(self._way_seconds)
        if self.is_away:
            raise StoreUnavailableError("away")
