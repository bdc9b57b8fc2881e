"""One shop's client against a server that answers what the test says."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import msgspec
import pytest
import pytest_asyncio

from sync_engine.model.clock import Clock
from sync_engine.model.errors import TokenRevokedError
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.app_credentials import AppCredentials
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.connection import Shopify
from sync_engine.shopify.documents import document
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.throttle.circuit_breaker import CircuitBreaker
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.request_window import RequestWindow
from tests.hurried_clock import HurriedClock
from tests.scripted_server import Answer, ScriptedServer, answer, scripted_server

SHOP = ShopDomain("scripted.myshopify.com")
TOKEN = "shpat_first_secret"
RENEWED_TOKEN = "shpat_second_secret"
APP_SECRET = "app_secret"
REQUEST_ID = "3f0c7a52-request"
SECRETS = (TOKEN, RENEWED_TOKEN, APP_SECRET)


class Named(msgspec.Struct):
    """A shop that has a name."""

    name: str


class NamedShop(msgspec.Struct):
    """The shape that the tests ask for."""

    shop: Named


def graphql(body: object, **headers: str) -> Answer:
    """Return an answer with HTTP 200, as GraphQL endpoints give it."""
    named = {"x-request-id": REQUEST_ID} | headers
    return answer(200, msgspec.json.encode(body), headers=named)


GOOD = graphql({"data": {"shop": {"name": "Echo"}}})


@dataclass
class RenewableToken:
    """A token that can be renewed once."""

    token: str = TOKEN
    rejected: list[str] = field(default_factory=list)

    async def current(self) -> str:
        return self.token

    async def renewed(self, rejected: str) -> str:
        self.rejected.append(rejected)
        if rejected != TOKEN:
            message = "no other token can be had"
            raise TokenRevokedError(message)
        self.token = RENEWED_TOKEN
        return self.token


@dataclass
class Shopfront:
    """A client with all that it was made of."""

    server: ScriptedServer
    client: ShopifyClient
    shopify: Shopify
    tokens: RenewableToken
    clock: HurriedClock

    async def name(self) -> str:
        """Ask for the name of the shop."""
        return (await self.client.execute(document("shop_profile"), NamedShop)).shop.name


def shopify_for(app: AppCredentials, pool: httpx.AsyncClient, clock: Clock) -> Shopify:
    """Return the way to every shop, without a limit over all of them and with endless patience."""
    window = RequestWindow(1000, clock)
    return Shopify(
        app,
        pool,
        window,
        clock,
        make_breaker=lambda clock: CircuitBreaker(clock, failures_in_a_row=10**6),
    )


@pytest_asyncio.fixture
async def shopfront() -> AsyncIterator[Shopfront]:
    """Yield a client whose patience with a silent server ends after a moment."""
    clock, tokens = HurriedClock(), RenewableToken()
    async with scripted_server() as server, httpx.AsyncClient(timeout=0.2) as pool:
        app = AppCredentials(
            api_key="app_key",
            api_secret=APP_SECRET,
            previous_api_secret=None,
            api_version="2026-10",
            scopes=("read_orders",),
            base_url=server.url,
        )
        shopify = shopify_for(app, pool, clock)
        client = shopify.client(SHOP, tokens, Meter(), priority=Priority.PERSON)
        yield Shopfront(server, client, shopify, tokens, clock)


@pytest.fixture
def longest_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every random wait be as long as it may be."""
    monkeypatch.setattr("random.uniform", lambda _, most: most)


def assert_no_secret(error: BaseException) -> None:
    """Check the texts of an error and of all that led to it."""
    seen: BaseException | None = error
    while seen is not None:
        for text in (str(seen), repr(seen), repr(vars(seen))):
            assert not any(secret in text for secret in SECRETS), text
        seen = seen.__cause__ or seen.__context__
