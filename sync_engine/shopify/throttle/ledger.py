"""Keeps the books of a bucket at Shopify, and never believes that it holds more than it does.

The books are exact about what we spend; each answer says what Shopify's own books say.
Answers overtake each other, so a report may lack what other calls of ours have spent meanwhile. It
gives a range: at most what it says, at least that less all that it may lack. Our own figure stands
while it lies in that range; above it somebody else spends from the same bucket, and the safe end of
the range counts.
"""

from math import inf
from typing import Protocol

import msgspec

from sync_engine.model.shop import BudgetLevel
from sync_engine.shopify.throttle.priority import Priority

_RESERVE_SHARE = 0.1
_ROUNDED_BY = 1.0  # reports are in whole points or calls
_SURE_OF_RESTORED = 1 - 1e-6  # so that rounding never makes us believe in more than there is
_MAX_SILENT_SECONDS = 60.0


class Stopwatch(Protocol):
    """A time that only grows."""

    def monotonic_seconds(self) -> float:
        """Return it."""


class Entries(msgspec.Struct, kw_only=True):
    """All that a ledger knows; times are those of its stopwatch."""

    bucket: BudgetLevel | None = None
    available: float = 0.0
    restored_at: float
    reported_at: float
    closed_until: float
    in_flight: float = 0.0
    calls_in_flight: int = 0
    settled: float = 0.0


class Ledger:
    """What is left in a bucket, in points or calls."""

    def __init__(
        self, clock: Stopwatch, entries: Entries | None = None, *, doubtful_seconds: float = 0.0
    ) -> None:
        """Go on with entries; or know nothing yet: the first answer says how large the bucket is.

        What is restored in the doubtful seconds is no sign that somebody else spends.
        """
        now = clock.monotonic_seconds()
        self._clock = clock
        self._doubtful_seconds = doubtful_seconds
        self.entries = entries or Entries(restored_at=now, reported_at=now, closed_until=now)

    @property
    def settled(self) -> float:
        """What was spent by calls that are over."""
        return self.entries.settled

    def level(self) -> BudgetLevel | None:
        """Return the bucket as it should stand now; None before the first answer."""
        self._restore()
        bucket = self.entries.bucket
        return bucket and BudgetLevel(
            maximum=bucket.maximum,
            available=self.entries.available,
            restores_per_second=bucket.restores_per_second,
        )

    def seconds_until(self, price: float, priority: Priority) -> float:
        """Return how long it takes until a call may be sent.

        A tenth of the bucket is left to whoever has priority. A price above the bucket's size waits
        for a full bucket: Shopify then says whether it can be had. A bucket that would take minutes
        to fill is asked after again: Shopify may have changed its mind.
        """
        now = self._clock.monotonic_seconds()
        if now < self.entries.closed_until:
            return self.entries.closed_until - now
        if self.entries.bucket is None:
            # Only one call may go ahead of what we know; its answer tells the rest.
            return inf if self.entries.calls_in_flight else 0.0
        self._restore()
        maximum, rate = self.entries.bucket.maximum, self.entries.bucket.restores_per_second
        missing = min(price + self.reserve(priority), maximum) - self.entries.available
        if missing <= 0:
            return 0.0
        wait = missing / rate if rate > 0 else inf
        if self.entries.calls_in_flight:
            return wait
        return min(wait, max(0.0, self.entries.reported_at + _MAX_SILENT_SECONDS - now))

    def reserve(self, priority: Priority) -> float:
        """Return what has to be left in the bucket for calls of higher priority."""
        if self.entries.bucket is None or priority <= Priority.WEBHOOK:
            return 0.0
        return self.entries.bucket.maximum * _RESERVE_SHARE

    def take(self, price: float) -> None:
        """Set aside what a call may cost, before it is sent."""
        self._restore()
        self.entries.available -= price
        self.entries.in_flight += price
        self.entries.calls_in_flight += 1

    def give_back(self, price: float) -> None:
        """Put back what a call was to cost that was never sent."""
        self.settle(price, spent=0.0, reported=None, settled_before=self.settled)

    def close_for(self, seconds: float) -> None:
        """Let nothing through for a time: Shopify said so."""
        until = self._clock.monotonic_seconds() + seconds
        self.entries.closed_until = max(self.entries.closed_until, until)

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
        self.entries.in_flight -= price
        self.entries.calls_in_flight -= 1
        ours = self.entries.available + price - spent
        if reported is not None:
            may_lack = self.entries.in_flight + self.entries.settled - settled_before
            least = reported.available - may_lack
            most = reported.available
            doubt = _ROUNDED_BY + reported.restores_per_second * self._doubtful_seconds
            is_believed = self.entries.bucket is not None and least <= ours <= most + doubt
            ours = min(ours, most) if is_believed else least
            self.entries.bucket = reported
            self.entries.reported_at = self._clock.monotonic_seconds()
        self.entries.settled += spent
        self.entries.available = ours
        if self.entries.bucket is not None:
            self.entries.available = min(ours, self.entries.bucket.maximum - self.entries.in_flight)

    def _restore(self) -> None:
        now = self._clock.monotonic_seconds()
        if self.entries.bucket is not None:
            seconds = (now - self.entries.restored_at) * _SURE_OF_RESTORED
            restored = self.entries.available + seconds * self.entries.bucket.restores_per_second
            ceiling = self.entries.bucket.maximum - self.entries.in_flight
            self.entries.available = max(self.entries.available, min(ceiling, restored))
        self.entries.restored_at = now
