"""The shop's allowance of GraphQL points: waits before sending, so that Shopify need not refuse.

Shopify's bucket is kept per app and shop. Before a query runs, it must hold what the query may cost
at most; afterwards the difference to what it did cost is put back. Size and rate differ by plan and
may change at any time, so they are read from every answer and never assumed.

Source: shopify.dev, "GraphQL Admin API rate limits", read 2026-11-23.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from sync_engine.model.clock import Clock
from sync_engine.model.shop import BudgetLevel

_ROUNDING_POINTS = 1e-6


class ThrottleStatus(msgspec.Struct, frozen=True, rename="camel"):
    """The bucket as Shopify reports it with every answer; the numbers may be fractions."""

    maximum_available: float
    currently_available: float
    restore_rate: float


class QueryCost(msgspec.Struct, frozen=True, rename="camel"):
    """What a query cost; ``actual_query_cost`` is null when it was refused."""

    requested_query_cost: float
    throttle_status: ThrottleStatus
    actual_query_cost: float | None = None


class Reservation:
    """Points that are set aside for one query until its answer is in."""

    def __init__(self, points: float, waited_seconds: float) -> None:
        """Set aside points, after a wait."""
        self.points = points
        self.waited_seconds = waited_seconds
        self.cost: QueryCost | None = None


class GraphqlBudget:
    """The bucket of one shop, for everything in this process that talks to it."""

    def __init__(self, clock: Clock) -> None:
        """Know nothing yet: the first answer says how large the bucket is."""
        self._clock = clock
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._status: ThrottleStatus | None = None
        self._available = 0.0
        self._as_of = clock.monotonic_seconds()
        self._in_flight_points = 0.0

    def level(self) -> BudgetLevel | None:
        """Return the bucket as it should stand now; None before the first answer."""
        if self._status is None:
            return None
        self._restore()
        return BudgetLevel(
            maximum=self._status.maximum_available,
            available=self._available,
            restores_per_second=self._status.restore_rate,
        )

    @asynccontextmanager
    async def reserve(self, points: float) -> AsyncIterator[Reservation]:
        """Wait until the bucket holds the points and keep them for the duration of the block.

        First come, first served. The block notes the cost that Shopify reports on the reservation;
        without one the points stay spent. A price above the bucket's size waits for a full bucket:
        Shopify then says whether it can be had at all.
        """
        began = self._clock.monotonic_seconds()
        async with self._turn:
            while (seconds := self._seconds_until(points)) > 0:
                await self._wait(seconds)
            self._available -= points
            self._in_flight_points += points
        waited = self._clock.monotonic_seconds() - began
        reservation = Reservation(points, waited)
        try:
            yield reservation
        finally:
            self._in_flight_points -= points
            if reservation.cost is not None:
                self._learn(reservation.cost)

    def _learn(self, cost: QueryCost) -> None:
        """Believe Shopify, less what it has not seen yet of our other queries."""
        self._status = cost.throttle_status
        self._as_of = self._clock.monotonic_seconds()
        self._available = cost.throttle_status.currently_available - self._in_flight_points
        self._changed.set()

    def _seconds_until(self, points: float) -> float:
        if self._status is None:
            # Only one query may go ahead of what we know; its answer tells the rest.
            return 0.0 if self._in_flight_points == 0 else 1.0
        self._restore()
        short = min(points, self._status.maximum_available) - self._available
        if short <= _ROUNDING_POINTS:
            return 0.0
        return short / self._status.restore_rate if self._status.restore_rate > 0 else 1.0

    def _restore(self) -> None:
        if self._status is None:
            return
        now = self._clock.monotonic_seconds()
        restored = (now - self._as_of) * self._status.restore_rate
        ceiling = self._status.maximum_available - self._in_flight_points
        self._available = max(self._available, min(ceiling, self._available + restored))
        self._as_of = now

    async def _wait(self, seconds: float) -> None:
        """Wait for the time to pass or for an answer that changes the picture."""
        self._changed.clear()
        waits = {
            asyncio.create_task(self._clock.sleep(seconds)),
            asyncio.create_task(self._changed.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.wait(waits)
