"""One shop, read over every transport into a database each: the documents are the same."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pydantic import SecretStr

from config.settings import Settings
from gateway.cli.serve import serving_gateway
from sync_engine.engine import Engine
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncState, SyncStrategy
from tests.examples import fresh_shop
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller
from tests.integration.gateway.test_webhooks_agree import CONNECT, subscribed
from tests.integration.sync.conftest import MakeSettings, connect, opened, sync
from tests.simulator_process import Simulator, simulator
from tests.unused_port import unused_port
from tests.waiting import until

Database = AsyncIOMotorDatabase[dict[str, Any]]
Documents = dict[str, dict[str, Any]]
Way = Callable[[Engine, Simulator, ShopDomain], Coroutine[None, None, None]]
"""Brings a shop that is connected, and nothing else, into the engine's database."""


def read_by(strategy: SyncStrategy) -> Way:
    async def way(engine: Engine, _shopify: Simulator, shop: ShopDomain) -> None:
        run = await sync(engine, shop, strategy)
        assert (run.state, run.message) == (SyncState.SUCCEEDED, None)
        assert {stage.strategy for stage in run.stages} == {strategy}

    return way


# A way that is added here has to end with the same documents as the others.
WAYS: Mapping[str, Way] = {
    "bulk": read_by(SyncStrategy.BULK),
    "pages": read_by(SyncStrategy.GRAPHQL),
    "rest": read_by(SyncStrategy.REST),
}


@pytest.fixture(scope="module")
def shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator to which every example adds its shop."""
    with simulator("unused", cache=simulator_cache, arguments=("--bulk-seconds", "0")) as running:
        yield running


@pytest_asyncio.fixture
async def engines(
    shopify: Simulator, make_settings: MakeSettings, mongodb_uri: str, database_name: str
) -> AsyncIterator[dict[str, tuple[Engine, Database]]]:
    """Yield an engine with a database of its own for each way."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_uri)
    found = {}
    async with AsyncExitStack() as stack:
        stack.callback(client.close)
        for name in WAYS:
            database = client[f"{database_name}_{name}"]
            stack.push_async_callback(client.drop_database, database.name)
            settings = make_settings(shopify, database=database.name)
            found[name] = (await stack.enter_async_context(opened(settings)), database)
        yield found


async def documents(database: Database, shop: ShopDomain) -> Documents:
    """Return everything that is stored of a shop's records, except when it was seen."""
    return {
        str(resource): {
            str(document.pop("_id")["id"]): document
            async for document in database[resource.lower()].find(
                {"shop_id": shop}, {"observed_at": 0}
            )
        }
        for resource in Resource
    }


async def assert_all_ways_agree(
    engines: dict[str, tuple[Engine, Database]], shopify: Simulator, shop: ShopDomain
) -> None:
    found = await read_by_all(engines, shopify, shop)
    assert_the_same(found)


async def read_by_all(
    engines: dict[str, tuple[Engine, Database]], shopify: Simulator, shop: ShopDomain
) -> dict[str, Documents]:
    found = {}
    for name, (engine, database) in engines.items():
        await connect(engine, shop)
        await WAYS[name](engine, shopify, shop)
        found[name] = await documents(database, shop)
    return found


def assert_the_same(found: dict[str, Documents]) -> None:
    wanted = found.pop("bulk")
    assert all(wanted.values())
    for name, have in found.items():
        for resource, records in wanted.items():
            assert have[resource].keys() == records.keys(), (name, resource)
            for number, record in records.items():
                assert have[resource][number] == record, (name, resource)


SPECS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10**6),
        "customers": st.integers(1, 40),
        "products": st.integers(1, 40),
        "orders": st.integers(1, 120),
        "currency": st.sampled_from(["USD", "JPY", "KWD", "EUR"]),
        "timezone": st.sampled_from(
            ["America/New_York", "Asia/Tokyo", "Asia/Kathmandu", "Pacific/Apia"]
        ),
        "taxes_included": st.sampled_from(["true", "false"]),
        "ids": st.sampled_from(["straddle", "small"]),
        "jsonl": st.sampled_from(["mixed", "grouped", "shuffled", "children_first"]),
        "plan": st.just("unmetered"),
    }
)


# Long lists of variants and of lines, and a refund of many lines.
LONG = {"customers": 150, "products": 90, "orders": 300, "plan": "unmetered"}


@given(spec=SPECS)
@example(spec=LONG | {"seed": 13, "currency": "KWD"})
@example(spec=LONG | {"seed": 2, "currency": "JPY", "jsonl": "shuffled"})
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_all_ways_end_with_the_same_documents(
    engines: dict[str, tuple[Engine, Database]], shopify: Simulator, spec: dict[str, Any]
) -> None:
    shop = fresh_shop()
    keys = ":".join(f"{key}={value}" for key, value in spec.items())
    shopify.control("POST", "/shops", spec=f"{shop.split('.')[0]}:{keys}")
    await assert_all_ways_agree(engines, shopify, shop)


@pytest_asyncio.fixture
async def told(
    shopify: Simulator,
    make_settings: MakeSettings,
    mongodb_uri: str,
    database_name: str,
    tmp_path: Path,
) -> AsyncIterator[tuple[Settings, Database]]:
    """Yield a running gateway with a database of its own, to be told by webhooks."""
    port = unused_port()
    settings = make_settings(shopify, database=f"{database_name}_webhooks").model_copy(
        update={
            "port": port,
            "public_url": f"http://127.0.0.1:{port}",
            "data_dir": tmp_path,
            "operator_token": SecretStr(OPERATOR_TOKEN),
        }
    )
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_uri)
    database = client[settings.mongodb.database]
    async with AsyncExitStack() as stack:
        stack.callback(client.close)
        stack.push_async_callback(client.drop_database, database.name)
        await stack.enter_async_context(serving_gateway(settings))
        yield settings, database


async def tell_everything(
    shopify: Simulator, shop: ShopDomain, told: tuple[Settings, Database], counts: dict[str, int]
) -> None:
    """Let the shop tell of all its records, and wait until all that is applied."""
    settings, database = told
    async with httpx.AsyncClient(base_url=settings.public_url, timeout=60) as http:
        token = f"shpat_{shop.split('.')[0]}"
        caller = Caller(http, OPERATOR_TOKEN)
        answer = await caller.data(CONNECT, domain=shop, token=token, sync=False)
    assert answer["connectShop"]["userErrors"] == []
    await subscribed(shopify, shop, settings.public_url)
    events = database["webhook_events"]

    async def is_applied(topic: str, count: int) -> bool:
        of_topic = {"shop_id": shop, "topic": topic}
        waiting = await events.count_documents({**of_topic, "status": "RECEIVED"}, limit=1)
        return not waiting and await events.count_documents(of_topic) >= count

    for topic, count in counts.items():
        shopify.control("POST", f"/shops/{shop}/webhooks/burst", topic=topic, count=count)
        await until(partial(is_applied, topic, count), within_seconds=900)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
async def test_all_ways_end_with_the_same_documents_of_a_large_shop(
    engines: dict[str, tuple[Engine, Database]],
    told: tuple[Settings, Database],
    shopify: Simulator,
) -> None:
    counts = {"customers/update": 5000, "products/update": 1500, "orders/updated": 20_000}
    spec = "large:customers=5000:products=1500:orders=20000:plan=unmetered"
    shopify.control("POST", "/shops", spec=spec)
    shop = ShopDomain("large.myshopify.com")
    found = await read_by_all(engines, shopify, shop)
    await tell_everything(shopify, shop, told, counts)
    found["webhooks"] = await documents(told[1], shop)
    assert_the_same(found)
