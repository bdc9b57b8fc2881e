"""How fast records come, as a person wants to read it: recent, but not jumpy."""

from sync_engine.model.clock import Clock

_HALF_LIFE_SECONDS = 5.0


class Rate:
    """A moving average in records a second; what is older than a few seconds hardly counts."""

    def __init__(self, clock: Clock) -> None:
        """Begin to measure now."""
        self._clock = clock
        self._last = clock.monotonic_seconds()
        self._weight = 0.0
        self._records = 0.0

    def add(self, records: int) -> float | None:
        """Count records that came since the last call; returns the rate, None before the first."""
        now = self._clock.monotonic_seconds()
        seconds, self._last = now - self._last, now
        fade = 0.5 ** (seconds / _HALF_LIFE_SECONDS)
        self._weight = self._weight * fade + seconds
        self._records = self._records * fade + records
        return self._records / self._weight if self._weight > 0 else None
