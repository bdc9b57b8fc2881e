"""Lets calls through one after the other, each as soon as an allowance has room for it."""

import asyncio
from collections.abc import Hashable
from math import inf, isfinite
from typing import Protocol

from sync_engine.model.clock import Clock
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.waiter import Waiter
from sync_engine.shopify.throttle.waiting_line import WaitingLine

_MIN_WAIT_SECONDS = 0.001


class Allowance(Protocol):
    """Something of which there is only so much at a time."""

    def seconds_until(self, price: float, priority: Priority) -> float:
        """Return how long it takes until there is enough; infinite if only news can tell."""

    def take(self, price: float) -> None:
        """Take some."""

    def give_back(self, price: float) -> None:
        """Put back what was taken and not used at all."""


class Turnstile:
    """The one way to an allowance, for all tasks of this process.

    While the call whose turn it is needs more than there is, juniors of its priority that need less
    may go before it, until together they have had what it costs: nothing lies idle, and a dear call
    waits at most twice as long as without them.
    """

    def __init__(self, allowance: Allowance, clock: Clock) -> None:
        """Guard an allowance."""
        self._allowance = allowance
        self._clock = clock
        self._line = WaitingLine()
        self._timer: asyncio.Task[None] | None = None

    async def enter(self, price: float, priority: Priority, flow: Hashable) -> float:
        """Wait for a turn and take the price from the allowance; returns the seconds waited."""
        began = self._clock.monotonic_seconds()
        waiter = Waiter(price, priority, flow)
        self._line.join(waiter)
        self.look_again()
        if waiter.admitted.done():
            return 0.0
        try:
            await waiter.admitted
        except asyncio.CancelledError:
            if waiter.admitted.cancelled():
                self._line.leave(waiter)
            else:
                self._allowance.give_back(price)
            self.look_again()
            raise
        return self._clock.monotonic_seconds() - began

    def look_again(self) -> None:
        """Let through whoever may go now; to be called whenever the allowance has changed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while order := self._line.in_order():
            chosen, seconds = self._soonest(order)
            if seconds > 0:
                if isfinite(seconds):
                    pause = max(seconds, _MIN_WAIT_SECONDS)
                    self._timer = asyncio.create_task(self._look_after(pause))
                return
            if chosen is not order[0]:
                order[0].overtaken_by += chosen.price
            self._line.serve(chosen)
            self._allowance.take(chosen.price)
            chosen.admitted.set_result(None)

    def _soonest(self, order: list[Waiter]) -> tuple[Waiter, float]:
        """Return who may go first of those whose turn it may be, and in how many seconds."""
        first = order[0]
        room = first.price - first.overtaken_by
        chosen, soonest = first, inf
        for waiter in order:
            if waiter is not first and waiter.price > room:
                continue
            seconds = self._allowance.seconds_until(waiter.price, waiter.priority)
            if seconds < soonest:
                chosen, soonest = waiter, seconds
            if soonest <= 0:
                break
        return chosen, soonest

    async def _look_after(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._timer = None
        self.look_again()
