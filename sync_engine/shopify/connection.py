"""Shopify as the engine holds it: one pool of connections, and the limits of every shop."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from sync_engine.model.clock import Clock
from sync_engine.model.shop import ApiBudget
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.telemetry import SILENT, ShopifyApi, Telemetry
from sync_engine.shopify.app_credentials import AppCredentials
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.meter import ApiMeter, Meter
from sync_engine.shopify.oauth import OAuth
from sync_engine.shopify.rest.client import RestClient
from sync_engine.shopify.served_version import VersionWatch
from sync_engine.shopify.shop_calls import ShopCalls, TokenSource
from sync_engine.shopify.throttle.circuit_breaker import CircuitBreaker
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.request_window import RequestWindow
from sync_engine.shopify.throttle.shop_budget import ShopBudget
from sync_engine.shopify.transport import PooledTransport


class _ShopLimits:
    """What all work at one shop shares."""

    def __init__(self, clock: Clock, breaker: CircuitBreaker) -> None:
        self.graphql = ShopBudget(clock)
        self.rest = ShopBudget(clock)
        self.breaker = breaker


class Shopify:
    """The way to every shop, shared by all work in this process."""

    def __init__(
        self,
        app: AppCredentials,
        pool: httpx.AsyncClient,
        window: RequestWindow,
        clock: Clock,
        make_breaker: Callable[[Clock], CircuitBreaker] = CircuitBreaker,
        *,
        telemetry: Telemetry = SILENT,
    ) -> None:
        """Take an open pool; whoever opened it closes it."""
        self._telemetry = telemetry
        self._make_breaker = make_breaker
        self.app = app
        self._pool = pool
        self._window = window
        self._clock = clock
        self.oauth = OAuth(app, pool, window, clock)
        self._limits: dict[ShopDomain, _ShopLimits] = {}
        self._prices: dict[str, float] = {}
        self._version = VersionWatch(app.api_version)

    def budget(self, shop: ShopDomain) -> ApiBudget:
        """Return what is left of the shop's allowances, as far as it is known."""
        limits = self._limits_of(shop)
        return ApiBudget(
            graphql=limits.graphql.level(), rest=limits.rest.level(), as_of=self._clock.now()
        )

    def client(
        self, shop: ShopDomain, tokens: TokenSource, meter: Meter, *, priority: Priority
    ) -> ShopifyClient:
        """Return a client of the GraphQL API for one piece of work at a shop."""
        budget = self._limits_of(shop).graphql
        return ShopifyClient(
            self._calls(
                shop,
                ShopifyApi.GRAPHQL,
                budget=budget,
                tokens=tokens,
                meter=meter,
                priority=priority,
            ),
            downloads=ApiMeter(meter, ShopifyApi.DOWNLOAD, self._telemetry),
            transport=PooledTransport(self.app.api_url(shop, "/graphql.json"), self._pool),
            pool=self._pool,
            prices=self._prices,
            version=self._version,
        )

    def rest(
        self, shop: ShopDomain, tokens: TokenSource, meter: Meter, *, priority: Priority
    ) -> RestClient:
        """Return a client of the REST API for one piece of work at a shop."""
        budget = self._limits_of(shop).rest
        return RestClient(
            self._calls(
                shop,
                ShopifyApi.REST,
                budget=budget,
                tokens=tokens,
                meter=meter,
                priority=priority,
            ),
            pool=self._pool,
            base_url=self.app.api_url(shop, ""),
            version=self._version,
        )

    def _limits_of(self, shop: ShopDomain) -> _ShopLimits:
        return self._limits.setdefault(
            shop, _ShopLimits(self._clock, self._make_breaker(self._clock))
        )

    def _calls(
        self,
        shop: ShopDomain,
        api: ShopifyApi,
        *,
        budget: ShopBudget,
        tokens: TokenSource,
        meter: Meter,
        priority: Priority,
    ) -> ShopCalls:
        return ShopCalls(
            shop,
            budget=budget,
            window=self._window,
            breaker=self._limits_of(shop).breaker,
            tokens=tokens,
            meter=ApiMeter(meter, api, self._telemetry),
            priority=priority,
            clock=self._clock,
            api=api,
            telemetry=self._telemetry,
        )


@asynccontextmanager
async def open_shopify(
    app: AppCredentials,
    clock: Clock,
    *,
    requests_per_second: int,
    telemetry: Telemetry = SILENT,
) -> AsyncIterator[Shopify]:
    """Open the connection pool.

    Redirects are not followed: a shop that moved must be noticed, not obeyed.
    """
    window = RequestWindow(requests_per_second, clock)
    async with httpx.AsyncClient(
        timeout=httpx.Timeout(30.0, connect=10.0),
        limits=httpx.Limits(max_connections=100, max_keepalive_connections=20),
        follow_redirects=False,
        headers={"User-Agent": "echosignal"},
    ) as pool:
        yield Shopify(app, pool, window, clock, telemetry=telemetry)
