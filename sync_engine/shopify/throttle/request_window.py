"""Caps the requests of this process to all shops together: so many in any second, and no more.

Shopify limits an app per shop; this limit is our own, for whoever shares the machine, the line and
the address.
"""

from collections import deque

from sync_engine.model.clock import Clock
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.turnstile import Turnstile

_WINDOW_SECONDS = 1.0


class RequestWindow:
    """A window of one second that slides with time; shops share it fairly."""

    def __init__(self, requests_per_second: int, clock: Clock) -> None:
        """Allow so many requests in any second."""
        self._clock = clock
        self._limit = requests_per_second
        self._begun: deque[float] = deque()
        self._turnstile = Turnstile(self, clock)

    async def enter(self, shop: ShopDomain, priority: Priority) -> float:
        """Wait until another request may be sent; returns the seconds waited."""
        return await self._turnstile.enter(1.0, priority, shop)

    def seconds_until(self, price: float, priority: Priority) -> float:
        """Return how long it takes until another request may be sent."""
        del price, priority
        now = self._clock.monotonic_seconds()
        while self._begun and now - self._begun[0] >= _WINDOW_SECONDS:
            self._begun.popleft()
        if len(self._begun) < self._limit:
            return 0.0
        return self._begun[0] + _WINDOW_SECONDS - now

    def take(self, price: float) -> None:
        """Count a request."""
        del price
        self._begun.append(self._clock.monotonic_seconds())

    def give_back(self, price: float) -> None:
        """Forget the latest request: it was not sent."""
        del price
        self._begun.pop()
