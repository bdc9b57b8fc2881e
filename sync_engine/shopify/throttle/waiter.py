"""One call that waits for its turn."""

import asyncio
from collections.abc import Hashable

from sync_engine.shopify.throttle.priority import Priority


class Waiter:
    """A call in the line.

    ``flow`` is whatever shares fairly with others of its kind. ``passed_by`` adds up the prices of
    later calls that fairness let go first, ``overtaken_by`` of calls that went because this one did
    not fit yet.
    """

    __slots__ = ("admitted", "flow", "overtaken_by", "passed_by", "price", "priority")

    def __init__(self, price: float, priority: Priority, flow: Hashable) -> None:
        """Make a call that has not joined the line yet."""
        self.price = price
        self.priority = priority
        self.flow = flow
        self.passed_by = 0.0
        self.overtaken_by = 0.0
        self.admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
