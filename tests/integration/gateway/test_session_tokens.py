"""Session tokens let in whoever opens the app in a shop's admin, and bring the shop with them."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from gql import Client, gql
from gql.transport.exceptions import TransportError
from gql.transport.websockets import WebsocketsTransport

from config.settings import Settings
from gateway.cli.serve import serving_gateway
from sync_engine.model.shop import GrantKind
from sync_engine.model.sync_enums import ShopStatus, SyncMode, SyncState, SyncTrigger
from sync_engine.store.store import Store
from tests.integration.gateway.conftest import PREVIOUS_SECRET, Caller
from tests.integration.gateway.installed import SHOP
from tests.session_tokens import claims_of, session_token, signed
from tests.simulator_process import Simulator, simulator
from tests.unused_port import unused_port
from tests.waiting import ended_run

VIEWER = "{ viewer { kind scopes shop { domain status } } }"


@pytest.fixture(scope="module")
def running_shopify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Yield a simulator with one small shop."""
    spec = "fresh:customers=20:products=10:orders=50"
    with simulator(spec, cache=tmp_path_factory.mktemp("exports")) as running:
        yield running


def shopifys_token(shopify: Simulator) -> str:
    """Return a session token as the simulated admin signs it."""
    token: str = shopify.control("POST", f"/shops/{SHOP}/session_token")["session_token"]
    return token


async def test_the_first_session_token_brings_the_shop_and_its_first_sync(
    http: httpx.AsyncClient, store: Store, shopify: Simulator
) -> None:
    caller = Caller(http, shopifys_token(shopify))
    viewer = (await caller.data(VIEWER))["viewer"]
    assert viewer["shop"] == {"domain": SHOP, "status": "ACTIVE"}
    assert "MANAGE_SHOPS" not in viewer["scopes"]
    grant = await store.shops.grant(SHOP)
    assert grant is not None
    assert grant.kind is GrantKind.OAUTH
    assert grant.expires_at is not None
    assert grant.refresh_token is not None
    run = await ended_run(store, SHOP)
    assert (run.state, run.trigger) == (SyncState.SUCCEEDED, SyncTrigger.INSTALL)
    (entry,) = (item.node for item in (await store.shop(SHOP).audit.page(first=9)).items)
    assert (entry.what, entry.who) == ("app.installed", "user 1")


async def test_of_many_first_requests_at_two_gateways_one_exchanges_the_token(
    settings: Settings, store: Store, shopify: Simulator
) -> None:
    token = shopifys_token(shopify)
    async with AsyncExitStack() as stack:
        callers = []
        for each in (settings, settings.model_copy(update={"port": unused_port()})):
            await stack.enter_async_context(serving_gateway(each))
            url = f"http://127.0.0.1:{each.port}"
            client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30))
            callers += [Caller(client, token)] * 6
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(caller.data(VIEWER)) for caller in callers]
    assert {each.result()["viewer"]["shop"]["status"] for each in asked} == {"ACTIVE"}
    assert shopify.counters(SHOP)["oauth"]["requests"] == 1
    assert await store.shop(SHOP).runs.count() == 1


@pytest.mark.parametrize("status", [ShopStatus.UNINSTALLED, ShopStatus.REAUTHORIZATION_REQUIRED])
async def test_a_shop_that_comes_back_is_taken_up_again_and_catches_up(
    http: httpx.AsyncClient, store: Store, shopify: Simulator, status: ShopStatus
) -> None:
    caller = Caller(http, shopifys_token(shopify))
    await caller.data(VIEWER)
    await ended_run(store, SHOP)
    await store.shops.set_status(SHOP, status, reason="gone", now=datetime.now(UTC))
    viewer = (await caller.data(VIEWER))["viewer"]
    assert viewer["shop"]["status"] == "ACTIVE"
    runs = (await store.shop(SHOP).runs.page(first=5)).items
    assert runs[-2].node.mode is SyncMode.INCREMENTAL


async def test_a_known_shop_is_let_in_whatever_becomes_of_the_exchange(
    http: httpx.AsyncClient, store: Store, shopify: Simulator
) -> None:
    caller = Caller(http, shopifys_token(shopify))
    await caller.data(VIEWER)
    await ended_run(store, SHOP)
    await store.shops.set_status(
        SHOP, ShopStatus.REAUTHORIZATION_REQUIRED, reason="revoked", now=datetime.now(UTC)
    )
    shopify.control("POST", "/faults", kind="oauth", action={"type": "status", "status": 503})
    viewer = (await caller.data(VIEWER))["viewer"]
    assert viewer["shop"]["status"] == "REAUTHORIZATION_REQUIRED"


async def test_a_new_shop_waits_while_shopify_does_not_answer(
    http: httpx.AsyncClient, store: Store, shopify: Simulator
) -> None:
    shopify.control("POST", "/faults", kind="oauth", action={"type": "status", "status": 503})
    answer = await Caller(http, shopifys_token(shopify)).post(VIEWER)
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert await store.shops.get(SHOP) is None
    answer = await Caller(http, shopifys_token(shopify)).post(VIEWER)
    assert answer.status_code == 200


async def test_a_shop_that_shopify_does_not_know_is_nobody(
    http: httpx.AsyncClient, store: Store
) -> None:
    answer = await Caller(http, session_token("nowhere.myshopify.com")).post(VIEWER)
    assert answer.status_code == 401
    assert [each async for each in store.shops.every()] == []


async def test_the_previous_secret_is_good_while_it_is_rotated_out(
    http: httpx.AsyncClient, shopify: Simulator
) -> None:
    await Caller(http, shopifys_token(shopify)).data(VIEWER)
    foreign = signed(claims_of(SHOP), secret="no-secret-of-ours")
    assert (await Caller(http, foreign).post(VIEWER)).status_code == 401
    old = signed(claims_of(SHOP), secret=PREVIOUS_SECRET)
    assert (await Caller(http, old).data(VIEWER))["viewer"]["shop"]["domain"] == SHOP


async def told(settings: Settings, token: str) -> Any:
    """Return who a WebSocket is that says so in its first message."""
    transport = WebsocketsTransport(
        url=f"ws://127.0.0.1:{settings.port}/graphql",
        init_payload={"Authorization": f"Bearer {token}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with Client(transport=transport) as session:
        return await session.execute(gql(VIEWER))


@pytest_asyncio.fixture
async def running(settings: Settings) -> AsyncIterator[Settings]:
    """Yield the settings of a running gateway."""
    async with serving_gateway(settings):
        yield settings


async def test_a_websocket_is_let_in_as_well(running: Settings, shopify: Simulator) -> None:
    viewer = (await told(running, shopifys_token(shopify)))["viewer"]
    assert viewer["shop"]["domain"] == SHOP


async def test_what_ends_is_not_good_on_an_open_websocket_either(
    running: Settings, shopify: Simulator
) -> None:
    nearly_over = session_token(SHOP, time.time() - 69)  # a second of the leeway is left
    transport = WebsocketsTransport(
        url=f"ws://127.0.0.1:{running.port}/graphql",
        init_payload={"Authorization": f"Bearer {nearly_over}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    await told(running, shopifys_token(shopify))  # the shop is known

    async def ask_on() -> None:
        async with Client(transport=transport) as session:
            while True:
                await session.execute(gql(VIEWER))

    with pytest.raises(TransportError):
        await ask_on()
