"""The shop's allowance at one of Shopify's APIs: waits before sending, so that none is refused.

Shopify's buckets are kept per app and shop, and all processes of the app spend from them: with
common books they share each exactly, without any they learn of each other from Shopify's answers.
Before a GraphQL query runs, its bucket must hold what the query may cost at most; afterwards the
difference to what it did cost is put back. Size and rate differ by plan and may change at any time,
so they are read from every answer and never assumed.

Source: shopify.dev, "GraphQL Admin API rate limits" and "REST Admin API rate limits", read
2026-11-23.
"""

from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from sync_engine.model.clock import Clock
from sync_engine.model.shop import BudgetLevel
from sync_engine.shopify.throttle.budget_share import BudgetShare
from sync_engine.shopify.throttle.ledger import Ledger
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.turnstile import Turnstile


class Reservation:
    """What is set aside for one call until its answer is in.

    All of it counts as spent from the moment the call is sent until its answer says otherwise.
    """

    def __init__(self, price: float, waited_seconds: float) -> None:
        """Set aside a price, after a wait."""
        self.waited_seconds = waited_seconds
        self.price = price
        self.spent = 0.0
        self.level: BudgetLevel | None = None
        self.closed_seconds = 0.0

    def sent(self) -> None:
        """Note that the call is on its way."""
        self.spent = self.price

    def report(self, level: BudgetLevel, *, spent: float) -> None:
        """Note what the call did cost and how the bucket stands, as its answer says."""
        self.level = level
        self.spent = spent

    def refused(self, retry_after_seconds: float | None) -> None:
        """Note that Shopify refused, and for how long it wants no other call."""
        self.spent = 0.0
        self.closed_seconds = retry_after_seconds or 0.0


class ShopBudget:
    """The bucket of one shop, for everything in this process that talks to it."""

    def __init__(self, clock: Clock, share: BudgetShare | None = None) -> None:
        """Know nothing yet: the first answer, or the common books, say how large the bucket is."""
        self._share = share
        self._ledger: Ledger | BudgetShare = share or Ledger(clock)
        self._turnstile = Turnstile(self._ledger, clock)
        if share is not None:
            share.tell(self._turnstile.look_again)

    async def close(self) -> None:
        """Leave what is set aside to other processes."""
        if self._share is not None:
            await self._share.close()

    def level(self) -> BudgetLevel | None:
        """Return the bucket as it should stand now; None before the first answer."""
        return self._ledger.level()

    @asynccontextmanager
    async def reserve(
        self, price: float, *, priority: Priority, flow: Hashable
    ) -> AsyncIterator[Reservation]:
        """Wait for a turn and keep the price set aside for the duration of the block.

        Pieces of work that share the bucket are told apart by their ``flow``.
        """
        waited = await self._turnstile.enter(price, priority, flow)
        reservation = Reservation(price, waited)
        settled_before = self._ledger.settled
        try:
            yield reservation
        finally:
            self._ledger.settle(
                price,
                spent=reservation.spent,
                reported=reservation.level,
                settled_before=settled_before,
            )
            if reservation.closed_seconds:
                self._ledger.close_for(reservation.closed_seconds)
            self._turnstile.look_again()
