"""A shop cannot tell a database with another shop in it from one without.

Random operations are asked as one shop at two gateways: one over a database that holds another shop
too, alike to the last id, the other over a copy that holds the first shop alone. Whatever is asked,
by the other's ids, cursors, names or domain, the answers are the same to the byte.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from graphql import build_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from config.settings import Settings, load_settings
from gateway.app import create_app
from gateway.graphql.schema import print_schema
from gateway.serving import free_port, listen, serving
from sync_engine.model.access import MERCHANT_SCOPES, ViewerScope
from sync_engine.model.run import Advance, Run
from sync_engine.model.shop_change import ShopChange
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource
from sync_engine.open_engine import Duty, open_engine
from sync_engine.store.store import Store
from tests.examples import MONDAY, batch, order
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller
from tests.random_operations import Operations
from tests.two_shops import MINE, RECORDS, THEIRS, copy_of, documents_of, drop, fill, marker

# Where a field that may not be null fails at once, graphql-core awaits its siblings no more.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")

FOREIGN = marker(THEIRS)
SCHEMA = build_schema(print_schema())
CURSORS = """query($shop: ShopDomain!) { shop(domain: $shop) {
    customers(first: 2) { edges { cursor } } products(first: 2) { edges { cursor } }
    orders(first: 2) { edges { cursor } } syncRuns(first: 2) { edges { cursor } }
    syncErrors(first: 2) { edges { cursor } } webhookEvents(first: 2) { edges { cursor } } }
    shops(first: 2) { edges { cursor } } }"""
MANY = 30
UNKNOWN_RUN = "01a2179b9108c3e498d23c4b8bb2"


@dataclass(frozen=True, kw_only=True, repr=False)
class Twins:
    """One shop at two gateways: beside another, and alone."""

    beside: Caller
    alone: Caller
    other: Caller
    store: Store
    uri: str
    database: str
    mine: Run
    theirs: Run
    pool: dict[str, list[Any]]

    def operations(self) -> Operations:
        return Operations(SCHEMA, self.pool)

    async def others_documents(self) -> dict[str, list[Any]]:
        """Return all that is stored of the other shop, but for when its own token was used."""
        documents = await documents_of(self.uri, self.database, THEIRS)
        for token in documents["api_tokens"]:
            token.pop("last_used_at")
        return documents


def settings_of(uri: str, database: str, key: str, data_dir: Path) -> Settings:
    port = free_port("127.0.0.1", 0)
    return load_settings(
        port=port,
        public_url=f"http://127.0.0.1:{port}",
        data_dir=data_dir,
        mongodb={"uri": uri, "database": database},
        encryption_keys=key,
        operator_token=OPERATOR_TOKEN,
        shopify={"base_url": "http://127.0.0.1:9/{shop}", "api_key": "key", "api_secret": "secret"},
    )


async def pool_of(store: Store, operator: Caller, runs: list[Run]) -> dict[str, list[Any]]:
    """Return what arguments are drawn from: all that there is to know of either shop, and more."""
    cursors: dict[str, list[Any]] = {}
    errors: list[str] = ["unknown"]
    for shop in (MINE, THEIRS):
        lists = await operator.data(CURSORS, shop=shop)
        for name, each in (*lists["shop"].items(), ("shops", lists["shops"])):
            known = cursors.setdefault(f"{name}.after", ["x"])
            known += [edge["cursor"] for edge in each["edges"]]
        errors += [item.node.id for item in (await store.shop(shop).errors.page(first=9)).items]
    gids = [
        f"gid://shopify/{kind}/{number}"
        for kind in ("Customer", "Product", "Order", "Shop")
        for number in (1, RECORDS, RECORDS + 1)
    ]
    run_ids = [run.id for run in runs] + [UNKNOWN_RUN]
    words = [marker(MINE), FOREIGN, "shared", "x"]
    return {
        "ShopDomain": [
            MINE,
            MINE,
            MINE,
            THEIRS,
            "nowhere.myshopify.com",
            THEIRS.upper(),
            "no domain",
        ],
        "ID": [*gids, *run_ids, *errors],
        "runId": [*run_ids, *errors],
        "ids": [*errors, *run_ids],
        **cursors,
        "after": ["x"],
        "customer.id": [gid for gid in gids if "Customer" in gid],
        "product.id": [gid for gid in gids if "Product" in gid],
        "order.id": [gid for gid in gids if "Order" in gid],
        "OrderFilter.customerId": [gid for gid in gids if "Customer" in gid],
        "OrderFilter.productId": [gid for gid in gids if "Product" in gid],
        "syncRun.id": run_ids,
        "String": [
            *words,
            f"1@{FOREIGN}.example",
            f"#{FOREIGN}1",
            f"{FOREIGN}-1",
            "orders/updated",
        ],
        "search": [*words, MINE, THEIRS, "myshopify"],
        "first": [1, 2, 250],
        "Int": [0, 1, 7, 60],
        "Boolean": [True, False],
        "DateTime": ["2026-11-03T12:00:00Z", "2026-11-05T12:00:00Z"],
        "Date": ["2026-11-01", "2026-11-30"],
        "Decimal": ["10.00", "77.77"],
        "BigInt": [1, 2],
        "Float": [0.5],
        "accessToken": ["shpat_alpha"],
    }


@pytest_asyncio.fixture
async def twins(
    store: Store, mongodb_uri: str, database_name: str, encryption_key: str, tmp_path: Path
) -> AsyncIterator[Twins]:
    mine = await fill(store, MINE)
    theirs = await fill(store, THEIRS)
    now = datetime.now(UTC)
    _, my_token = await store.api_tokens.create(MINE, MERCHANT_SCOPES, now=now)
    _, their_token = await store.api_tokens.create(THEIRS, tuple(ViewerScope), now=now)
    alone = await copy_of(mongodb_uri, database_name, MINE)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(drop, mongodb_uri, alone)
        clients = []
        for database in (database_name, alone):
            given = settings_of(mongodb_uri, database, encryption_key, tmp_path)
            app = create_app(
                partial(open_engine, given, duty=Duty.NONE),
                operator_token=OPERATOR_TOKEN,
                public_url=given.public_url,
            )
            await stack.enter_async_context(serving(app, listen(given.host, given.port)))
            client = httpx.AsyncClient(base_url=given.public_url, timeout=30)
            clients.append(await stack.enter_async_context(client))
        beside, apart = clients
        yield Twins(
            beside=Caller(beside, my_token),
            alone=Caller(apart, my_token),
            other=Caller(beside, their_token),
            store=store,
            uri=mongodb_uri,
            database=database_name,
            mine=mine,
            theirs=theirs,
            pool=await pool_of(store, Caller(beside, OPERATOR_TOKEN), [mine, theirs]),
        )


Seen = tuple[int, str, frozenset[str]]


def seen(response: httpx.Response) -> Seen:
    """Return what a caller sees of an answer: its status, its data and its errors.

    An internal error is none that it should see; the moment of asking is no news, nor is how many
    points of its own it has left.
    """
    assert "INTERNAL_SERVER_ERROR" not in response.text, response.text
    text = re.sub(r'"freshAsOf":"[^"]*"', '"freshAsOf":"now"', response.text)
    answer = json.loads(_LEFT.sub('"currentlyAvailable":0', text))
    errors = frozenset(json.dumps(error) for error in answer.pop("errors", ()))
    return response.status_code, json.dumps(answer), errors


async def seen_by(caller: Caller, query: str) -> frozenset[Seen]:
    """Return what a caller sees of a query, which of several errors comes first being chance."""
    first = seen(await caller.post(query))
    if len(first[2]) == 0:
        return frozenset({first})
    return frozenset({first, *[seen(await caller.post(query)) for _ in range(7)]})


_LEFT = re.compile(r'"currentlyAvailable":[0-9.]+')
ASYNC = settings(
    max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(data=st.data())
@ASYNC
async def test_no_query_can_tell_that_there_is_another_shop(
    twins: Twins, data: st.DataObject
) -> None:
    query = data.draw(twins.operations().queries(depth=6))
    # The other asks the same first, so that whatever is kept between operations is warm with it.
    await twins.other.post(query)
    beside, alone = await seen_by(twins.beside, query), await seen_by(twins.alone, query)
    assert beside & alone
    if FOREIGN not in query.lower():
        assert FOREIGN not in str(beside)
    assert "77.77" not in str(beside)


def unchanging(response: httpx.Response, known: set[str]) -> str:
    """Return an answer without what is new each time: times, ids, the caller's points left."""
    assert "INTERNAL_SERVER_ERROR" not in response.text, response.text
    text = re.sub(r'"20\d\d-\d\d-\d\dT[^"]*"', '"time"', response.text)
    text = _LEFT.sub('"currentlyAvailable":0', text)
    return re.sub(r"\b[0-9a-f]{28}\b", lambda found: found[0] if found[0] in known else "new", text)


MUTATIONS = ("startSync", "cancelSync", "retrySyncErrors", "updateShopSettings", "disconnectShop")


@given(data=st.data())
@ASYNC
async def test_no_mutation_can_change_another_shop_or_tell_that_it_is_there(
    twins: Twins, data: st.DataObject
) -> None:
    mutation = data.draw(twins.operations().mutations(MUTATIONS, depth=4))
    before = await twins.others_documents()
    known = {*twins.pool["ids"], *twins.pool["runId"]}
    beside, alone = await twins.beside.post(mutation), await twins.alone.post(mutation)
    assert unchanging(beside, known) == unchanging(alone, known)
    assert await twins.others_documents() == before


async def test_not_even_who_manages_shops_can_disconnect_another(twins: Twins) -> None:
    _, text = await twins.store.api_tokens.create(MINE, tuple(ViewerScope), now=datetime.now(UTC))
    before = await twins.others_documents()
    manager = Caller(twins.beside.http, text)
    for domain in (THEIRS, "nowhere.myshopify.com"):
        refused = await manager.data(
            "mutation($shop: ShopDomain) { disconnectShop(input: {shop: $shop}) "
            "{ shop { domain } userErrors { code message } } }",
            shop=domain,
        )
        assert refused["disconnectShop"]["shop"] is None
        assert refused["disconnectShop"]["userErrors"] == [
            {"code": "NOT_FOUND", "message": "There is no such shop."}
        ]
    assert await twins.others_documents() == before


PROGRESS = """subscription($shop: ShopDomain, $runId: ID) {
    syncProgress(shop: $shop, runId: $runId) {
        processed errors run { id message shop { domain name } } } }"""
KPIS = "subscription($shop: ShopDomain) { kpisUpdated(shop: $shop) { days shop { domain } } }"


class Subscriber:
    """A WebSocket of a caller."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._count = 0

    async def subscribe(self, query: str, **variables: Any) -> None:
        """Begin to follow something."""
        self._count += 1
        payload = {"query": query, "variables": variables}
        message = {"id": str(self._count), "type": "subscribe", "payload": payload}
        await self._socket.send(json.dumps(message))

    async def next(self) -> Any:
        """Return the next message that came."""
        return json.loads(await self._socket.recv())

    async def end(self) -> None:
        """Follow no longer."""
        await self._socket.send(json.dumps({"id": str(self._count), "type": "complete"}))


async def subscriber(stack: AsyncExitStack, caller: Caller) -> Subscriber:
    url = str(caller.http.base_url).replace("http", "ws", 1) + "/graphql"
    socket = await stack.enter_async_context(
        connect(url, subprotocols=[Subprotocol("graphql-transport-ws")])
    )
    credential = {"Authorization": f"Bearer {caller.token}"}
    await socket.send(json.dumps({"type": "connection_init", "payload": credential}))
    assert json.loads(await socket.recv())["type"] == "connection_ack"
    return Subscriber(socket)


async def advance(store: Store, run: Run, message: str) -> None:
    step = Advance(now=datetime.now(UTC), messages=(message,))
    await store.shop(run.shop).runs.advance(run, Resource.ORDERS, step)


async def test_no_subscription_can_follow_another_shop(twins: Twins) -> None:
    domains: list[ShopDomain | str | None] = [None, MINE, THEIRS, "nowhere.myshopify.com", "x"]
    runs = [None, twins.mine.id, twins.theirs.id, UNKNOWN_RUN]
    async with AsyncExitStack() as stack:
        beside = await subscriber(stack, twins.beside)
        alone = await subscriber(stack, twins.alone)
        for shop in domains:
            for run_id in runs:
                first = []
                for each in (beside, alone):
                    await each.subscribe(PROGRESS, shop=shop, runId=run_id)
                    first.append(await each.next())
                    if first[-1]["type"] == "next":
                        await each.end()
                assert first[0] == first[1], (shop, run_id)
                if THEIRS in str(shop) or run_id == twins.theirs.id:
                    assert first[0]["type"] == "error"


async def test_a_subscriber_hears_nothing_of_what_happens_in_another_shop(twins: Twins) -> None:
    async with AsyncExitStack() as stack:
        mine = await subscriber(stack, twins.beside)
        theirs = await subscriber(stack, twins.other)
        for each in (mine, theirs):
            await each.subscribe(PROGRESS)
            await each.next()
        for number in range(5):
            await advance(twins.store, twins.theirs, f"{FOREIGN} {number}")
            heard = await theirs.next()
            assert heard["payload"]["data"]["syncProgress"]["run"]["shop"]["domain"] == THEIRS
        await advance(twins.store, twins.mine, "mine at last")
        heard = await mine.next()
        progress = heard["payload"]["data"]["syncProgress"]
        assert progress["run"]["shop"]["domain"] == MINE
        assert progress["errors"] == ["mine at last"]
        assert FOREIGN not in json.dumps(heard)


async def test_nobody_hears_of_the_figures_of_another_shop(twins: Twins) -> None:
    async with AsyncExitStack() as stack:
        mine, alone = [await subscriber(stack, each) for each in (twins.beside, twins.alone)]
        for shop in (THEIRS, "nowhere.myshopify.com"):
            refusals = []
            for each in (mine, alone):
                await each.subscribe(KPIS, shop=shop)
                refusals.append(await each.next())
            assert refusals[0] == refusals[1]
            assert refusals[0]["type"] == "error"
        theirs = await subscriber(stack, twins.other)
        for each in (mine, theirs):
            await each.subscribe(KPIS)
        assert (await heard_of(theirs, twins.store, THEIRS))["shop"] == {"domain": THEIRS}
        heard = await heard_of(mine, twins.store, MINE)
        assert heard["shop"] == {"domain": MINE}
        assert set(heard["days"]) <= {day_of(MINE, number) for number in range(_SALES)}


_SALES = 20


def day_of(shop: ShopDomain, number: int) -> str:
    """Return a day on which this shop sells and the other does not."""
    return f"{_sold_at(shop, number):%Y-%m-%d}"


def _sold_at(shop: ShopDomain, number: int) -> datetime:
    return MONDAY + timedelta(days=30 * (1 if shop == MINE else 2) + number)


async def heard_of(subscriber: Subscriber, store: Store, shop: ShopDomain) -> Any:
    """Sell something until a subscriber, who needs a moment to begin, hears of it."""
    for number in range(_SALES):
        sold_at = _sold_at(shop, number)
        sold = order(100 + number, created_at=sold_at, processed_at=sold_at)
        written = batch(sold, export_id=None, checkpoint={})
        async with store.changes(shop) as changes:
            await changes.write(ShopChange(resource=Resource.ORDERS, batch=written), now=MONDAY)
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                return (await subscriber.next())["payload"]["data"]["kpisUpdated"]
    raise AssertionError("nothing was heard")
