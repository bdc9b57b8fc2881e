"""A subscriber hears of its own shop, and nothing of another."""

import asyncio
import json
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from sync_engine.model.run import Advance, Run
from sync_engine.model.shop_change import ShopChange
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import MONDAY, batch, order
from tests.integration.gateway.conftest import Caller
from tests.integration.gateway.isolation.conftest import FOREIGN, UNKNOWN_RUN, Twins
from tests.two_shops import MINE, THEIRS

# Why, and where they are collected: the conftest beside.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


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
