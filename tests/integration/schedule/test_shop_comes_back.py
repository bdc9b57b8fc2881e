"""A shop that Shopify shuts stops alone, says why, and goes on by itself when it is open again."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio

from config.settings import load_settings
from sync_engine.engine import Engine
from sync_engine.model.recurring import RecurringJob
from sync_engine.model.shop import AccessGrant
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import (
    ShopStatus,
    SyncMode,
    SyncState,
    SyncTrigger,
)
from sync_engine.open_engine import Duty, open_engine
from sync_engine.schedule.plan_shops import plan_shop
from tests.simulator_process import API_KEY, API_SECRET, Simulator, simulator
from tests.waiting import ended_run, until

SHOP = ShopDomain("ice.myshopify.com")
GRANT = AccessGrant(access_token="shpat_ice")


@pytest.fixture(scope="module")
def running_shopify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Yield a simulator with one small shop."""
    spec = "ice:customers=20:products=10:orders=30:plan=unmetered"
    cache = tmp_path_factory.mktemp("exports")
    with simulator(spec, cache=cache, arguments=("--bulk-seconds", "0")) as running:
        yield running


@pytest.fixture
def shopify(running_shopify: Simulator) -> Simulator:
    """Return the simulator as if it had just been started."""
    running_shopify.control("POST", "/reset")
    return running_shopify


@pytest_asyncio.fixture
async def engine(
    shopify: Simulator, mongodb_uri: str, database_name: str, encryption_key: str, tmp_path: Path
) -> AsyncIterator[Engine]:
    """Yield an engine that does everything, with the shop connected."""
    settings = load_settings(
        data_dir=tmp_path,
        mongodb={"uri": mongodb_uri, "database": database_name},
        encryption_keys=encryption_key,
        shopify={"base_url": shopify.base_url, "api_key": API_KEY, "api_secret": API_SECRET},
    )
    async with open_engine(settings, duty=Duty.EVERYTHING) as running:
        await running.connect(SHOP, GRANT)
        yield running


async def status(engine: Engine) -> tuple[ShopStatus, str | None]:
    shop = await engine.store.shops.get(SHOP)
    assert shop is not None
    return shop.status, shop.status_reason


async def start(engine: Engine) -> None:
    await engine.start_sync(SHOP, mode=SyncMode.INITIAL, trigger=SyncTrigger.MANUAL)


@pytest.mark.parametrize("standing", ["frozen", "locked", "closed"])
async def test_a_suspended_shop_is_probed_and_goes_on_when_it_is_back(
    engine: Engine, shopify: Simulator, standing: str
) -> None:
    shopify.control("POST", f"/shops/{SHOP}", standing=standing)
    await start(engine)
    run = await ended_run(engine.store, SHOP)
    assert run.state is SyncState.FAILED
    found, reason = await status(engine)
    assert found is ShopStatus.SUSPENDED
    assert reason
    assert run.message == reason

    shop = await engine.store.shops.get(SHOP)
    assert shop is not None
    before = shopify.counters(SHOP)["graphql"]["requests"]
    await plan_shop(engine.store.timetable, shop, Random(1))
    await engine.store.timetable.hasten(SHOP, RecurringJob.PROBE)

    async def is_probed() -> bool:
        counters = shopify.counters(SHOP)
        return bool(counters["graphql"]["requests"] > before)

    await until(is_probed)
    assert (await status(engine))[0] is ShopStatus.SUSPENDED

    shopify.control("POST", f"/shops/{SHOP}", standing="open")
    await engine.store.timetable.hasten(SHOP, RecurringJob.PROBE)

    async def is_synced() -> bool:
        latest = await engine.store.shop(SHOP).runs.latest()
        return latest is not None and latest.state is SyncState.SUCCEEDED

    await until(is_synced)
    assert await status(engine) == (ShopStatus.ACTIVE, None)
    assert await engine.store.shop(SHOP).orders.count() == 30


async def test_a_shop_whose_token_was_revoked_goes_on_after_it_is_connected_again(
    engine: Engine, shopify: Simulator
) -> None:
    revoked = {"type": "status", "status": 401}
    shopify.control("POST", "/faults", kind="graphql", times=50, action=revoked)
    await start(engine)
    run = await ended_run(engine.store, SHOP)
    assert run.state is SyncState.FAILED
    assert (await status(engine))[0] is ShopStatus.REAUTHORIZATION_REQUIRED
    shopify.control("DELETE", "/faults")
    await engine.connect(SHOP, GRANT)
    assert await status(engine) == (ShopStatus.ACTIVE, None)
    await start(engine)
    assert (await ended_run(engine.store, SHOP)).state is SyncState.SUCCEEDED


async def test_a_shop_that_answers_under_another_domain_is_not_followed(
    engine: Engine, shopify: Simulator
) -> None:
    shopify.control("POST", f"/shops/{SHOP}", redirect_to="water.myshopify.com")
    await start(engine)
    run = await ended_run(engine.store, SHOP)
    assert run.state is SyncState.FAILED
    found, reason = await status(engine)
    assert found is ShopStatus.REAUTHORIZATION_REQUIRED
    assert reason is not None
    assert "connect that one" in reason


async def test_what_is_due_starts_by_itself(engine: Engine) -> None:
    await engine.store.timetable.hasten(SHOP, RecurringJob.INCREMENTAL)

    async def has_run() -> bool:
        latest = await engine.store.shop(SHOP).runs.latest()
        return latest is not None and latest.state is SyncState.SUCCEEDED

    await until(has_run)
    run = await engine.store.shop(SHOP).runs.latest()
    assert run is not None
    assert (run.mode, run.trigger) == (SyncMode.INCREMENTAL, SyncTrigger.SCHEDULE)
