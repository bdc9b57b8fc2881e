"""The line for one allowance: higher priorities first, and something for everybody.

A higher priority goes before a lower one, but while it is served, whoever waits below earns a share
of it; a call whose share has grown to its price goes next. So a flood of webhooks slows a first
sync down to a tenth and never stops it.
"""

from sync_engine.shopify.throttle.fair_line import FairLine
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.waiter import Waiter

_SHARE_OF_LOWER = 0.1


class WaitingLine:
    """Calls of all priorities."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lines = {priority: FairLine() for priority in Priority}
        self._earned = dict.fromkeys(Priority, 0.0)

    def join(self, waiter: Waiter) -> None:
        """Put a call into the line."""
        self._lines[waiter.priority].join(waiter)

    def leave(self, waiter: Waiter) -> None:
        """Take a call out that does not want its turn any more."""
        self._lines[waiter.priority].leave(waiter)

    def in_order(self) -> list[Waiter]:
        """Return who is next, and after it those of its priority that might go in its place."""
        waiting = [priority for priority, line in self._lines.items() if line]
        for priority in waiting[1:]:
            order = self._lines[priority].in_order()
            if self._earned[priority] >= order[0].price:
                return order
        return self._lines[waiting[0]].in_order() if waiting else []

    def serve(self, waiter: Waiter) -> None:
        """Note that a call has its turn."""
        served = waiter.priority
        self._lines[served].serve(waiter)
        left = self._earned[served] - waiter.price
        self._earned[served] = max(0.0, left) if self._lines[served] else 0.0
        for priority, line in self._lines.items():
            if priority > served and line:
                self._earned[priority] += waiter.price * _SHARE_OF_LOWER
