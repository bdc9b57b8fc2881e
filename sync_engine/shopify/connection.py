"""Shopify as the engine holds it: one pool of connections, one budget per shop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from sync_engine.model.clock import Clock
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.app_credentials import AppCredentials
from sync_engine.shopify.budget import GraphqlBudget
from sync_engine.shopify.client import ShopifyClient, TokenSource
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.oauth import OAuth
from sync_engine.shopify.rest.client import RestClient
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.transport import PooledTransport


class Shopify:
    """The way to every shop, shared by all work in this process."""

    def __init__(self, app: AppCredentials, pool: httpx.AsyncClient, clock: Clock) -> None:
        """Take an open pool; whoever opened it closes it."""
        self.app = app
        self._pool = pool
        self.oauth = OAuth(app, pool, clock)
        self._clock = clock
        self._budgets: dict[ShopDomain, GraphqlBudget] = {}
        self._call_budgets: dict[ShopDomain, GraphqlBudget] = {}
        self._prices: dict[str, float] = {}

    def budget(self, shop: ShopDomain) -> GraphqlBudget:
        """Return the shop's budget, the same for everybody who asks."""
        return self._budgets.setdefault(shop, GraphqlBudget(self._clock))

    def rest(
        self, shop: ShopDomain, tokens: TokenSource, meter: Meter, *, priority: Priority
    ) -> RestClient:
        """Return a client of the REST API for one piece of work at a shop."""
        return RestClient(
            shop,
            app=self.app,
            pool=self._pool,
            tokens=tokens,
            budget=self._call_budgets.setdefault(shop, GraphqlBudget(self._clock)),
            meter=meter,
            clock=self._clock,
            priority=priority,
        )

    def client(
        self, shop: ShopDomain, tokens: TokenSource, meter: Meter, *, priority: Priority
    ) -> ShopifyClient:
        """Return a client of the GraphQL API for one piece of work at a shop."""
        url = self.app.api_url(shop, "/graphql.json")
        return ShopifyClient(
            shop,
            transport=PooledTransport(url, self._pool),
            pool=self._pool,
            tokens=tokens,
            budget=self.budget(shop),
            prices=self._prices,
            meter=meter,
            clock=self._clock,
            api_version=self.app.api_version,
            priority=priority,
        )


@asynccontextmanager
async def open_shopify(app: AppCredentials, clock: Clock) -> AsyncIterator[Shopify]:
    """Open the connection pool.

    Redirects are not followed: a shop that moved must be noticed, not obeyed.
    """
    async with httpx.AsyncClient(
        timeout=httpx.Timeout(30.0, connect=10.0),
        limits=httpx.Limits(max_connections=100, max_keepalive_connections=20),
        follow_redirects=False,
        headers={"User-Agent": "echosignal"},
    ) as pool:
        yield Shopify(app, pool, clock)
