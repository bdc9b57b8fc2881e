"""Two engines at one shop with strict buckets: together they ask no more than Shopify allows."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from sync_engine.engine import Engine
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.documents import Document
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.store.budget_books import BudgetBooks
from sync_engine.store.store import Store
from tests.examples import connected_shop
from tests.integration.sync.conftest import MakeSettings, connect, opened
from tests.simulator_process import Simulator, simulator
from tests.static_token import StaticToken

SHOP = ShopDomain("common.myshopify.com")
TOKENS = StaticToken("shpat_common")
PAGE = Document("a_page", "query ($n: Int!) { orders(first: $n) { nodes { id customer { id } } } }")
CALLS = 25
WORKERS = 3


@pytest.fixture
def shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator whose shop has small buckets."""
    with simulator("common:orders=60:customers=20:products=10", cache=simulator_cache) as running:
        yield running


@pytest_asyncio.fixture
async def engines(shopify: Simulator, make_settings: MakeSettings) -> AsyncIterator[list[Engine]]:
    """Yield two engines on one database, each with connections of its own."""
    async with AsyncExitStack() as stack:
        settings = make_settings(shopify)
        found = [await stack.enter_async_context(opened(settings)) for _ in range(2)]
        await connect(found[0], SHOP)
        yield found


def refusals(shopify: Simulator) -> int:
    return sum(int(kind["throttled"]) for kind in shopify.counters(SHOP).values())


async def test_queries_of_two_engines_are_never_refused(
    engines: list[Engine], shopify: Simulator
) -> None:
    shopify.control("POST", f"/shops/{SHOP}", points={"maximum": 300, "restore_rate": 300})
    meter = Meter()

    async def work(engine: Engine, priority: Priority) -> None:
        client = engine.shopify.client(SHOP, TOKENS, meter, priority=priority)
        for _ in range(CALLS):
            assert await client.execute(PAGE, dict[str, msgspec.Raw], {"n": 50})

    async with asyncio.TaskGroup() as group:
        for engine in engines:
            for priority in [Priority.INITIAL] * (WORKERS - 1) + [Priority.WEBHOOK]:
                group.create_task(work(engine, priority))
    usage = meter.take()
    assert (usage.throttled, refusals(shopify)) == (0, 0)
    assert usage.requests == CALLS * WORKERS * len(engines)
    assert usage.seconds_waited_for_budget > 0


async def test_rest_calls_of_two_engines_are_never_refused(
    engines: list[Engine], shopify: Simulator
) -> None:
    meter = Meter()
    clients = [
        engine.shopify.rest(SHOP, TOKENS, meter, priority=Priority.PERSON) for engine in engines
    ]
    await clients[0].get("shop.json", {}, kind=dict[str, msgspec.Raw])
    async with asyncio.TaskGroup() as group:
        for client in clients:
            for _ in range(24):
                group.create_task(client.get("shop.json", {}, kind=dict[str, msgspec.Raw]))
    assert (meter.take().throttled, refusals(shopify)) == (0, 0)


async def test_who_has_read_an_older_version_of_the_books_does_not_write_them(
    store: Store,
) -> None:
    await connected_shop(store, SHOP)
    books: list[BudgetBooks] = [store.budget_books(SHOP, "graphql") for _ in range(2)]
    read = [await each.read() for each in books]
    assert [(each.content, each.version) for each in read] == [(None, 0)] * 2
    assert await books[0].write({"written": "by the first"}, version=read[0].version)
    assert not await books[1].write({"written": "by the second"}, version=read[1].version)
    again = await books[1].read()
    assert again.content == {"written": "by the first"}
    assert again.now_seconds >= read[1].now_seconds
    other = await store.budget_books(SHOP, "rest").read()
    assert other.content is None


async def test_a_shop_that_was_purged_gets_no_books_any_more(store: Store) -> None:
    await connected_shop(store, SHOP)
    books = store.budget_books(SHOP, "graphql")
    assert await books.write({"written": "before"}, version=0)
    await store.purge(SHOP)
    assert await books.write({"written": "afterwards"}, version=0)
    assert (await books.read()).content is None
