"""Sends one work's calls to a shop: within every limit, with a good token, and counted."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from sync_engine.model.clock import Clock
from sync_engine.model.errors import (
    CircuitOpenError,
    ShopifyUnavailableError,
    SyncError,
    ThrottledError,
    TokenRevokedError,
)
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.telemetry import SILENT, ShopifyApi, Telemetry
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.retrying import retrying
from sync_engine.shopify.throttle.circuit_breaker import CircuitBreaker
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.request_window import RequestWindow
from sync_engine.shopify.throttle.shop_budget import Reservation, ShopBudget

T = TypeVar("T")

Send = Callable[[str, Reservation], Awaitable[T]]
"""Sends one request with an access token, notes what it cost and returns what it brought."""

Recover = Callable[[], Awaitable[T | None]]
"""Finds what a request has brought about whose answer was lost; None where it has not arrived."""


class TokenSource(Protocol):
    """Where the access token of a shop comes from."""

    async def current(self) -> str:
        """Return a token that should be good.

        Raises:
            TokenRevokedError: there is none, and a person has to act.
        """

    async def renewed(self, rejected: str) -> str:
        """Return another token after Shopify refused this one.

        Raises:
            TokenRevokedError: no other can be had.
        """


class ShopCalls:
    """The way to one of a shop's APIs for one piece of work."""

    def __init__(
        self,
        shop: ShopDomain,
        *,
        budget: ShopBudget,
        window: RequestWindow,
        breaker: CircuitBreaker,
        tokens: TokenSource,
        meter: Meter,
        priority: Priority,
        clock: Clock,
        api: ShopifyApi = ShopifyApi.GRAPHQL,
        telemetry: Telemetry = SILENT,
    ) -> None:
        """Take what is shared with other pieces of work, and what this one has for itself."""
        self.shop = shop
        self.meter = meter
        self._budget = budget
        self._window = window
        self._breaker = breaker
        self._tokens = tokens
        self._priority = priority
        self._clock = clock
        self._api = api
        self._telemetry = telemetry

    async def answer(
        self,
        price: Callable[[], float],
        send: Send[T],
        recover: Recover[T] | None = None,
        *,
        what: str,
    ) -> T:
        """Send until there is an answer, as often as that may help, and return it.

        The price is what Shopify will want to find in the bucket; it is asked for before each try.
        What must not be done twice is recovered, if it can be, before it is sent again. ``what`` is
        what traces call it.

        Raises:
            CircuitOpenError: the shop has not answered for a while; says when to come back.
            SyncError: what came of the last try.
        """
        is_lost = False

        async def attempt() -> T:
            nonlocal is_lost
            if is_lost and recover is not None:
                recovered = await recover()
                if recovered is not None:
                    return recovered
            try:
                with self._telemetry.span(f"shopify {what}", api=self._api, shop=self.shop):
                    return await self._once(price(), send)
            except ShopifyUnavailableError:
                is_lost = True
                raise

        def count_retry() -> None:
            self.meter.add(retried=1)

        is_awaited = self._priority is Priority.PERSON
        return await retrying(
            attempt, clock=self._clock, on_retry=count_retry, is_awaited=is_awaited
        )

    async def wait_for_window(self) -> None:
        """Wait for this process's turn to send a request that no bucket counts."""
        await self._window.enter(self.shop, self._priority)

    async def _once(self, price: float, send: Send[T]) -> T:
        self._breaker.raise_if_open()
        async with self._budget.reserve(price, priority=self._priority, flow=self) as reservation:
            self.meter.add(seconds_waited_for_budget=reservation.waited_seconds)
            token = await self._tokens.current()
            try:
                try:
                    return await self._try(send, token, reservation)
                except TokenRevokedError:
                    token = await self._tokens.renewed(token)
                    self.meter.add(retried=1)
                    return await self._try(send, token, reservation)
            except ThrottledError as error:
                self.meter.add(throttled=1)
                reservation.refused(error.retry_after_seconds)
                raise
            except CircuitOpenError:
                raise
            except SyncError:
                self.meter.add(failed=1)
                raise

    async def _try(self, send: Send[T], token: str, reservation: Reservation) -> T:
        waited = await self._window.enter(self.shop, self._priority)
        self.meter.add(seconds_waited_for_budget=waited)

        async def call() -> T:
            self.meter.add(requests=1)
            reservation.sent()
            began, has_failed = self._clock.monotonic_seconds(), True
            try:
                answer = await send(token, reservation)
                has_failed = False
            finally:
                seconds = self._clock.monotonic_seconds() - began
                self._telemetry.shopify_answered(self._api, seconds, has_failed=has_failed)
            return answer

        return await self._breaker.run(call)
