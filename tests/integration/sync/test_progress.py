"""What a run says of how far it is, in every state that somebody sees: never more than there is."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sync_engine.engine import Engine
from sync_engine.model.run import Run, WriteCounts
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncState, SyncStrategy
from tests.integration.sync.conftest import MakeSettings, connect, opened, sync
from tests.simulator_process import Simulator, simulator

SPEC = "far:seed=6:customers=300:products=20:orders=400:plan=unmetered"
SHOP = ShopDomain("far.myshopify.com")
HOW_MANY = {Resource.CUSTOMERS: 300, Resource.PRODUCTS: 20, Resource.ORDERS: 400}


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator whose exports take no time."""
    with simulator(SPEC, cache=simulator_cache, arguments=("--bulk-seconds", "0")) as running:
        yield running


@pytest_asyncio.fixture
async def engine(shopify: Simulator, make_settings: MakeSettings) -> AsyncIterator[Engine]:
    """Yield an engine that is connected to the shop."""
    async with opened(make_settings(shopify)) as running:
        await connect(running, SHOP)
        yield running


@asynccontextmanager
async def watched(engine: Engine) -> AsyncIterator[list[Run]]:
    """Yield the states of the run that somebody sees, as they come."""
    seen: list[Run] = []
    with engine.store.run_feed.listen(SHOP) as changes:

        async def watch() -> None:
            while not seen or seen[-1].state.is_active:
                seen.append(await changes.next())

        watching = asyncio.create_task(watch())
        try:
            yield seen
            await asyncio.wait_for(watching, timeout=10)
        finally:
            watching.cancel()


def assert_sound(states: list[Run]) -> None:
    """Check what is true of every state, and from one to the next."""
    fractions = [run.fraction or 0.0 for run in states]
    assert fractions == sorted(fractions)
    for run in states:
        assert run.fraction != 1.0 or not run.state.is_active
        for stage in run.stages:
            if stage.total is not None:
                assert stage.counts.processed <= stage.total
            assert stage.counts.processed <= HOW_MANY[stage.resource]


def arm(shopify: Simulator, kind: str, action: dict[str, Any], **rule: Any) -> None:
    """Make requests of the kind go wrong."""
    body = {"shop": SHOP, "kind": kind, "times": None, "action": action} | rule
    shopify.control("POST", "/faults", **body)


@pytest.mark.parametrize(("times", "strategy"), [(1, SyncStrategy.BULK), (2, SyncStrategy.GRAPHQL)])
async def test_what_is_read_again_is_counted_once(
    engine: Engine, shopify: Simulator, times: int, strategy: SyncStrategy
) -> None:
    wrong = {"type": "bulk", "count_error": -3}
    arm(shopify, "bulk_submit", wrong, contains="customers", times=times)
    async with watched(engine) as seen:
        run = await sync(engine, SHOP, SyncStrategy.BULK)
    assert run.state is SyncState.SUCCEEDED
    customers = run.stage(Resource.CUSTOMERS)
    assert customers.strategy is strategy
    assert (customers.counts, customers.total) == (WriteCounts(processed=300, created=300), 300)
    assert_sound(seen)
    assert any(each.stage(Resource.CUSTOMERS).counts.counted_before > 0 for each in seen)
    assert run.fraction == 1.0


@pytest.mark.parametrize(
    "count", [None, {"count": 0, "precision": "AT_LEAST"}], ids=["none", "at least"]
)
async def test_a_total_that_shopify_does_not_say_is_not_known(
    engine: Engine, shopify: Simulator, count: object
) -> None:
    body = json.dumps({"data": {"all": count}})
    arm(shopify, "graphql", {"type": "respond", "body": body}, contains="OrdersCount")
    async with watched(engine) as seen:
        run = await sync(engine, SHOP, SyncStrategy.GRAPHQL)
    assert run.state is SyncState.SUCCEEDED
    assert {each.stage(Resource.ORDERS).total for each in seen} == {None}
    assert {each.fraction for each in seen if not each.stage(Resource.ORDERS).phase.is_final} == {
        None
    }
    assert_sound(seen)


async def test_a_total_that_is_too_low_never_makes_a_run_look_done(
    engine: Engine, shopify: Simulator
) -> None:
    body = json.dumps({"data": {"all": {"count": 0, "precision": "EXACT"}}})
    arm(shopify, "graphql", {"type": "respond", "body": body}, contains="OrdersCount")
    async with watched(engine) as seen:
        run = await sync(engine, SHOP, SyncStrategy.GRAPHQL)
    assert_sound(seen)
    assert (run.stage(Resource.ORDERS).total, run.fraction) == (400, 1.0)
