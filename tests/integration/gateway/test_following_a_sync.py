"""Progress over WebSocket, followed to the end by a client that we did not write."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from gql import Client, gql
from gql.client import AsyncClientSession
from gql.transport.websockets import WebsocketsTransport
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError
from websockets.typing import Subprotocol

from config.settings import Settings
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller
from tests.simulator_process import Simulator, simulator

SHOP = "live.myshopify.com"
TOKEN = "shpat_of_the_live_shop"
PROGRESS = """subscription($shop: ShopDomain, $run: ID) { syncProgress(shop: $shop, runId: $run) {
    stage processed total fraction run { id state stages { resource processed total } } } }"""
CONNECT = """mutation($token: String!, $domain: ShopDomain!) {
    connectShop(input: {domain: $domain, accessToken: $token}) {
        run { id state mode } userErrors { code message field } } }"""
START = """mutation($shop: ShopDomain) { startSync(input: {shop: $shop}) {
    created run { id } userErrors { code } } }"""
START_BY = """mutation($shop: ShopDomain, $strategy: SyncStrategy) {
    startSync(input: {shop: $shop, mode: INITIAL, strategy: $strategy}) {
        created run { id } userErrors { code } } }"""
ROADS = """query($run: ID!) { syncRun(id: $run) { state
    stages { resource strategy fallbacks { from to reason at } } } }"""
CANCEL = """mutation($run: ID!) { cancelSync(input: {runId: $run}) {
    run { id state } userErrors { code } } }"""
STATUS = """query($shop: ShopDomain) { shop(domain: $shop) { sync {
    activeRun { id } lastRun { state } lastSucceededAt resources { resource stored } } } }"""


@asynccontextmanager
async def connected(settings: Settings, token: str | None) -> AsyncIterator[AsyncClientSession]:
    """Yield a WebSocket session of gql's own."""
    transport = WebsocketsTransport(
        url=f"ws://127.0.0.1:{settings.port}/graphql",
        init_payload={"Authorization": f"Bearer {token}"} if token else {},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with Client(transport=transport) as session:
        yield session


async def states(session: AsyncClientSession, **variables: Any) -> list[dict[str, Any]]:
    """Return every state of the stream to its end."""
    subscription = gql(PROGRESS)
    subscription.variable_values = variables
    async with asyncio.timeout(60):
        return [each["syncProgress"] async for each in session.subscribe(subscription)]


@pytest.fixture
def further_settings() -> dict[str, Any]:
    """Export whatever the size of the shop."""
    return {"sync": {"few_records": 0}}


@pytest.fixture(scope="module")
def running_shopify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Yield a simulator with one small shop, whose exports take as long as they are told."""
    spec = f"live:customers=30:products=20:orders=100:token={TOKEN}"
    with simulator(spec, cache=tmp_path_factory.mktemp("exports")) as running:
        yield running


async def test_a_shop_is_connected_and_its_sync_followed_to_the_end(
    operator: Caller, settings: Settings
) -> None:
    answer = (await operator.data(CONNECT, domain=SHOP, token=TOKEN))["connectShop"]
    assert answer["userErrors"] == []
    assert answer["run"]["mode"] == "INITIAL"
    async with connected(settings, OPERATOR_TOKEN) as session:
        seen = await states(session, shop=SHOP, run=answer["run"]["id"])
    last = seen[-1]
    assert last["run"]["state"] == "SUCCEEDED"
    assert (last["stage"], last["fraction"]) == ("COMPLETE", 1.0)
    assert last["run"]["stages"] == [
        {"resource": "CUSTOMERS", "processed": 30, "total": 30},
        {"resource": "PRODUCTS", "processed": 20, "total": 20},
        {"resource": "ORDERS", "processed": 100, "total": 100},
    ]
    fractions = [each["fraction"] or 0.0 for each in seen]
    assert fractions == sorted(fractions)
    status = (await operator.data(STATUS, shop=SHOP))["shop"]["sync"]
    assert (status["activeRun"], status["lastRun"]) == (None, {"state": "SUCCEEDED"})
    assert status["lastSucceededAt"] is not None
    assert [each["stored"] for each in status["resources"]] == [30, 20, 100]


async def test_a_sync_is_started_once_and_stopped_on_request(
    operator: Caller, settings: Settings, shopify: Simulator
) -> None:
    stuck = {"type": "bulk", "stuck_in": "RUNNING"}
    shopify.control("POST", "/faults", kind="bulk_submit", times=3, action=stuck)
    answer = (await operator.data(CONNECT, domain=SHOP, token=TOKEN))["connectShop"]
    run = answer["run"]["id"]
    again = (await operator.data(START, shop=SHOP))["startSync"]
    assert again == {"created": False, "run": {"id": run}, "userErrors": []}
    async with connected(settings, OPERATOR_TOKEN) as session:
        following = asyncio.create_task(states(session, shop=SHOP, run=run))
        cancel = (await operator.data(CANCEL, run=run))["cancelSync"]
        assert cancel["userErrors"] == []
        seen = await following
    assert seen[-1]["run"]["state"] == "CANCELLED"


async def run_by(
    operator: Caller, settings: Settings, strategy: str
) -> list[tuple[str, str, list[Any]]]:
    """Sync the shop and return the strategy of every stage, with those it left."""
    answer = (await operator.data(START_BY, shop=SHOP, strategy=strategy))["startSync"]
    assert (answer["created"], answer["userErrors"]) == (True, [])
    run = answer["run"]["id"]
    async with connected(settings, OPERATOR_TOKEN) as session:
        await states(session, shop=SHOP, run=run)
    ended = (await operator.data(ROADS, run=run))["syncRun"]
    assert ended["state"] == "SUCCEEDED"
    return [(stage["resource"], stage["strategy"], stage["fallbacks"]) for stage in ended["stages"]]


async def test_a_sync_goes_the_way_that_was_asked_for(operator: Caller, settings: Settings) -> None:
    connect_only = CONNECT.replace("accessToken: $token", "accessToken: $token, startSync: false")
    await operator.data(connect_only, domain=SHOP, token=TOKEN)
    for strategy in ("GRAPHQL", "REST", "BULK"):
        for _, taken, fallbacks in await run_by(operator, settings, strategy):
            assert (taken, fallbacks) == (strategy, [])


async def test_a_sync_says_which_way_was_shut(
    operator: Caller, settings: Settings, shopify: Simulator
) -> None:
    connect_only = CONNECT.replace("accessToken: $token", "accessToken: $token, startSync: false")
    await operator.data(connect_only, domain=SHOP, token=TOKEN)
    shopify.control("POST", f"/shops/{SHOP}", is_rest_retired=True)
    for _, taken, (fallback,) in await run_by(operator, settings, "REST"):
        assert (taken, fallback["from"], fallback["to"]) == ("BULK", "REST", "BULK")
        assert fallback["reason"].startswith("REST_RETIRED: Shopify does not serve the REST API")
        assert fallback["at"]


@pytest.mark.parametrize("payload", [{}, {"Authorization": "Bearer useless"}])
async def test_nobody_follows_without_a_credential(
    http: httpx.AsyncClient, settings: Settings, payload: dict[str, str]
) -> None:
    del http  # the gateway runs
    url = f"ws://127.0.0.1:{settings.port}/graphql"
    subprotocol = Subprotocol(WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL)
    async with connect(url, subprotocols=[subprotocol]) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        with pytest.raises(ConnectionClosedError) as closing:
            await socket.recv()
    assert closing.value.rcvd is not None
    assert closing.value.rcvd.code == 4403


async def test_what_cannot_be_connected_says_why(operator: Caller) -> None:
    for domain, token, code, field in (
        ("live.example.com", TOKEN, "INVALID", ["input", "domain"]),
        (SHOP, "two words", "INVALID", ["input", "accessToken"]),
        (SHOP, "shpat_wrong", "SHOPIFY_REFUSED", ["input", "accessToken"]),
    ):
        answer = (await operator.data(CONNECT, domain=domain, token=token))["connectShop"]
        (error,) = answer["userErrors"]
        assert (error["code"], error["field"], answer["run"]) == (code, field, None)
        assert error["message"]
