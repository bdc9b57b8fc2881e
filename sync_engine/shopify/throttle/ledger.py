"""Keeps the books of a bucket at Shopify, and never believes that it holds more than it does.

The books are exact about what this process spends; each answer says what Shopify's own books say.
Answers overtake each other, so a report may lack what other calls of ours have spent meanwhile. It
gives a range: at most what it says, at least that less all that it may lack. Our own figure stands
while it lies in that range; above it somebody else spends from the same bucket, and the safe end of
the range counts.
"""

from math import inf

from sync_engine.model.clock import Clock
from sync_engine.model.shop import BudgetLevel
from sync_engine.shopify.throttle.priority import Priority

_RESERVE_SHARE = 0.1
_ROUNDED_BY = 1.0  # reports are in whole points or calls
_SURE_OF_RESTORED = 1 - 1e-6  # so that rounding never makes us believe in more than there is
_MAX_SILENT_SECONDS = 60.0


class Ledger:
    """What is left in a bucket, in points or calls."""

    def __init__(self, clock: Clock) -> None:
        """Know nothing yet: the first answer says how large the bucket is."""
        self._clock = clock
        self._bucket: BudgetLevel | None = None
        self._available = 0.0
        self._restored_at = self._reported_at = clock.monotonic_seconds()
        self._closed_until = self._restored_at
        self._in_flight = 0.0
        self._calls_in_flight = 0
        self.settled = 0.0

    def level(self) -> BudgetLevel | None:
        """Return the bucket as it should stand now; None before the first answer."""
        self._restore()
        bucket = self._bucket
        return bucket and BudgetLevel(
            maximum=bucket.maximum,
            available=self._available,
            restores_per_second=bucket.restores_per_second,
        )

    def seconds_until(self, price: float, priority: Priority) -> float:
        """Return how long it takes until a call may be sent.

        A tenth of the bucket is left to whoever has priority. A price above the bucket's size waits
        for a full bucket: Shopify then says whether it can be had. A bucket that would take minutes
        to fill is asked after again: Shopify may have changed its mind.
        """
        now = self._clock.monotonic_seconds()
        if now < self._closed_until:
            return self._closed_until - now
        if self._bucket is None:
            # Only one call may go ahead of what we know; its answer tells the rest.
            return inf if self._calls_in_flight else 0.0
        self._restore()
        maximum, rate = self._bucket.maximum, self._bucket.restores_per_second
        reserve = maximum * _RESERVE_SHARE if priority > Priority.WEBHOOK else 0.0
        missing = min(price + reserve, maximum) - self._available
        if missing <= 0:
            return 0.0
        wait = missing / rate if rate > 0 else inf
        if self._calls_in_flight:
            return wait
        return min(wait, max(0.0, self._reported_at + _MAX_SILENT_SECONDS - now))

    def take(self, price: float) -> None:
        """Set aside what a call may cost, before it is sent."""
        self._restore()
        self._available -= price
        self._in_flight += price
        self._calls_in_flight += 1

    def give_back(self, price: float) -> None:
        """Put back what a call was to cost that was never sent."""
        self.settle(price, spent=0.0, reported=None, settled_before=self.settled)

    def close_for(self, seconds: float) -> None:
        """Let nothing through for a time: Shopify said so."""
        until = self._clock.monotonic_seconds() + seconds
        self._closed_until = max(self._closed_until, until)

    def settle(
        self, price: float, *, spent: float, reported: BudgetLevel | None, settled_before: float
    ) -> None:
        """Close the books on a call.

        Args:
            price: what was set aside for it.
            spent: what it did cost, as far as is known.
            reported: the bucket as its answer describes it, if there was one.
            settled_before: what ``settled`` was when it was sent.
        """
        self._restore()
        self._in_flight -= price
        self._calls_in_flight -= 1
        ours = self._available + price - spent
        if reported is not None:
            may_lack = self._in_flight + self.settled - settled_before
            least = reported.available - may_lack
            most = reported.available
            is_believed = self._bucket is not None and least <= ours <= most + _ROUNDED_BY
            ours = min(ours, most) if is_believed else least
            self._bucket = reported
            self._reported_at = self._clock.monotonic_seconds()
        self.settled += spent
        self._available = ours
        if self._bucket is not None:
            self._available = min(ours, self._bucket.maximum - self._in_flight)

    def _restore(self) -> None:
        now = self._clock.monotonic_seconds()
        if self._bucket is not None:
            seconds = (now - self._restored_at) * _SURE_OF_RESTORED
            restored = self._available + seconds * self._bucket.restores_per_second
            ceiling = self._bucket.maximum - self._in_flight
            self._available = max(self._available, min(ceiling, restored))
        self._restored_at = now
