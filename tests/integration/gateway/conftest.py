"""A gateway over real HTTP, and callers who ask it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from config.settings import Settings, load_settings
from gateway.cli.serve import serving_gateway
from sync_engine.model.access import ViewerScope
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.store import Store
from tests.simulator_process import API_KEY, API_SECRET, Simulator
from tests.unused_port import unused_port

OPERATOR_TOKEN = "operator-token-of-the-tests"
PREVIOUS_SECRET = "the-secret-before-the-rotation"


@dataclass(frozen=True)
class Caller:
    """Somebody with a credential, or without."""

    http: httpx.AsyncClient
    token: str | None

    async def post(self, query: str, **variables: Any) -> httpx.Response:
        """Send an operation and return the HTTP response."""
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        body = {"query": query, "variables": variables}
        return await self.http.post("/graphql", json=body, headers=headers)

    async def data(self, query: str, **variables: Any) -> Any:
        """Send an operation that has to succeed and return its data."""
        answer = (await self.post(query, **variables)).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def errors(self, query: str, **variables: Any) -> list[Any]:
        """Send an operation that has to fail and return its errors."""
        answer = (await self.post(query, **variables)).json()
        assert answer.get("errors"), answer
        found: list[Any] = answer["errors"]
        return found

    async def code(self, query: str, **variables: Any) -> str:
        """Send an operation that has to fail in one way and return the code of its error."""
        (error,) = await self.errors(query, **variables)
        found: str = error["extensions"]["code"]
        return found


@pytest.fixture
def running_shopify() -> Simulator | None:
    """Return the simulator of a module that has one."""
    return None


@pytest.fixture
def shopify(running_shopify: Simulator | None) -> Simulator | None:
    """Return the simulator as if it had just been started."""
    if running_shopify is not None:
        running_shopify.control("POST", "/reset")
    return running_shopify


@pytest.fixture
def further_settings() -> dict[str, Any]:
    """Return what a module sets besides."""
    return {}


@pytest.fixture
def settings(
    shopify: Simulator | None,
    further_settings: dict[str, Any],
    *,
    mongodb_uri: str,
    database_name: str,
    encryption_key: str,
    tmp_path: Path,
) -> Settings:
    """Return the settings of a gateway at the module's Shopify, if it has one."""
    port = unused_port()
    return load_settings(
        port=port,
        public_url=f"http://127.0.0.1:{port}",
        data_dir=tmp_path,
        mongodb={"uri": mongodb_uri, "database": database_name},
        encryption_keys=encryption_key,
        operator_token=OPERATOR_TOKEN,
        shopify={
            "base_url": "http://127.0.0.1:9/{shop}" if shopify is None else shopify.base_url,
            "api_key": API_KEY,
            "api_secret": API_SECRET,
            "api_secret_previous": PREVIOUS_SECRET,
        },
        **further_settings,
    )


@pytest_asyncio.fixture
async def http(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of the running gateway."""
    async with (
        serving_gateway(settings),
        httpx.AsyncClient(base_url=settings.public_url, timeout=30) as client,
    ):
        yield client


@pytest.fixture
def operator(http: httpx.AsyncClient) -> Caller:
    """Return the operator."""
    return Caller(http, OPERATOR_TOKEN)


@pytest.fixture
def nobody(http: httpx.AsyncClient) -> Caller:
    """Return a caller without a credential."""
    return Caller(http, None)


MakeCaller = Callable[..., Awaitable[Caller]]


@pytest.fixture
def make_caller(http: httpx.AsyncClient, store: Store) -> MakeCaller:
    """Return what makes a caller with an API token of a shop; no scopes given are all of them."""

    async def make(shop: ShopDomain, *scopes: ViewerScope) -> Caller:
        given = scopes or tuple(ViewerScope)
        _, text = await store.api_tokens.create(shop, given, now=datetime.now(UTC))
        return Caller(http, text)

    return make
