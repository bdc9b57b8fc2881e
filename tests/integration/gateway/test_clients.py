"""The clients that front ends use, each the whole way: a query, a mutation, a subscription."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from config.settings import Settings
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller
from tests.integration.gateway.node_client import run_script
from tests.simulator_process import Simulator, simulator

SHOP = "journey.myshopify.com"
TOKEN = "shpat_of_the_journey"
CONNECT = """mutation($token: String!, $domain: ShopDomain!) {
    connectShop(input: {domain: $domain, accessToken: $token, startSync: false}) {
        userErrors { code } } }"""
FIND = "query($shop: ShopDomain) { shop(domain: $shop) { name domain } }"
START = """mutation($shop: ShopDomain) {
    startSync(input: {shop: $shop}) { run { id } userErrors { code } } }"""
PROGRESS = """subscription($run: ID) {
    syncProgress(runId: $run) { stage processed run { id state } } }"""
SCRIPTS = ("graphql_ws", "graphql_sse", "urql_fetch", "urql_ws", "apollo_http", "apollo_ws")


@pytest.fixture(scope="module")
def shopify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Yield a simulator with a small shop."""
    spec = f"journey:customers=3:products=2:orders=10:token={TOKEN}"
    with simulator(spec, cache=tmp_path_factory.mktemp("exports")) as running:
        yield running


def check(journey: dict[str, Any]) -> None:
    """See that everything came back that was asked for, to the end of the run."""
    found = {key: journey["found"]["shop"][key] for key in ("domain", "name")}
    assert found == {"domain": SHOP, "name": "Journey"}
    started = journey["started"]["startSync"]
    assert started["userErrors"] == []
    events = [event["syncProgress"] for event in journey["events"]]
    assert {event["run"]["id"] for event in events} == {started["run"]["id"]}
    assert (events[-1]["stage"], events[-1]["run"]["state"]) == ("COMPLETE", "SUCCEEDED")


async def test_every_javascript_client_goes_the_whole_way(
    operator: Caller, settings: Settings, subtests: pytest.Subtests
) -> None:
    await operator.data(CONNECT, domain=SHOP, token=TOKEN)
    arguments = (f"{settings.public_url}/graphql", OPERATOR_TOKEN, SHOP)
    async with asyncio.TaskGroup() as group:  # they share runs, which is as good
        journeys = {
            name: group.create_task(run_script("journey.mjs", f"./{name}.mjs", *arguments))
            for name in SCRIPTS
        }
    for name, journey in journeys.items():
        with subtests.test(name):
            check(journey.result())


async def test_gql_goes_the_whole_way(operator: Caller, settings: Settings) -> None:
    await operator.data(CONNECT, domain=SHOP, token=TOKEN)
    credential = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
    over_http = HTTPXAsyncTransport(f"{settings.public_url}/graphql", headers=credential)
    over_socket = WebsocketsTransport(
        f"ws://127.0.0.1:{settings.port}/graphql",
        init_payload=credential,
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    find, start, progress = gql(FIND), gql(START), gql(PROGRESS)
    find.variable_values = start.variable_values = {"shop": SHOP}
    async with asyncio.timeout(60), Client(transport=over_http) as http:
        found = await http.execute(find)
        started = await http.execute(start)
    progress.variable_values = {"run": started["startSync"]["run"]["id"]}
    async with asyncio.timeout(60), Client(transport=over_socket) as socket:
        assert await socket.execute(find) == found
        events = [event async for event in socket.subscribe(progress)]
    check({"found": found, "started": started, "events": events})
