"""Shopify's side of a bucket, as its documentation states it, and strict to the last digit."""

from math import floor

from sync_engine.model.shop import BudgetLevel
from tests.manual_clock import ManualClock


class Bucket:
    """Holds points or calls, and refuses whoever asks for more than there is."""

    def __init__(
        self, clock: ManualClock, maximum: float, rate: float, *, rounds: bool = False
    ) -> None:
        self._clock = clock
        self.maximum = maximum
        self.rate = rate
        self._rounds = rounds
        self._level = maximum
        self._as_of = clock.monotonic_seconds()
        self.refusals = 0
        self.full_seconds = 0.0
        """How long it has been full, so that what it restored was lost."""

    def run(self, requested: float, actual: float) -> tuple[BudgetLevel, float]:
        """Charge a call; returns the level that its answer reports, and what it did cost."""
        level = self.available()
        is_refused = requested > level
        self.refusals += is_refused
        spent = 0.0 if is_refused else actual
        self._level -= spent
        return self.report(), spent

    def report(self) -> BudgetLevel:
        level = self.available()
        return BudgetLevel(
            maximum=self.maximum,
            available=floor(level) if self._rounds else level,
            restores_per_second=self.rate,
        )

    def available(self) -> float:
        now = self._clock.monotonic_seconds()
        restored = (now - self._as_of) * self.rate
        if self.rate > 0:
            self.full_seconds += max(0.0, self._level + restored - self.maximum) / self.rate
        self._level = min(self.maximum, self._level + restored)
        self._as_of = now
        return self._level

    def spend(self, points: float) -> None:
        """Spend as another process of the app does."""
        self._level = max(0.0, self.available() - points)

    def resize(self, maximum: float, rate: float) -> None:
        self._level = min(maximum, self.available())
        self.maximum, self.rate = maximum, rate
