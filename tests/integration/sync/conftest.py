"""An engine as the program opens it, on the test's database, against simulated shops."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from config.settings import Settings, load_settings
from gateway.cli.following import follow_run
from sync_engine.engine import Engine
from sync_engine.model.run import Run
from sync_engine.model.shop import AccessGrant
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import SyncMode, SyncStrategy, SyncTrigger
from sync_engine.open_engine import Duty, open_engine
from tests.simulator_process import API_KEY, API_SECRET, Simulator

MakeSettings = Callable[..., Settings]


@pytest.fixture(scope="session")
def simulator_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where simulators of this session keep their exports."""
    return tmp_path_factory.mktemp("exports")


@pytest.fixture
def shopify(running_shopify: Simulator) -> Simulator:
    """Return the simulator as if it had just been started."""
    running_shopify.control("POST", "/reset")
    return running_shopify


@pytest.fixture
def make_settings(mongodb_uri: str, database_name: str, encryption_key: str) -> MakeSettings:
    """Return settings that point an engine at the test's database and a simulator."""

    def make(simulator: Simulator, *, database: str = database_name, **sync: Any) -> Settings:
        return load_settings(
            mongodb={"uri": mongodb_uri, "database": database},
            encryption_keys=encryption_key,
            shopify={
                "base_url": simulator.base_url,
                "api_key": API_KEY,
                "api_secret": API_SECRET,
            },
            sync={"batch_records": 100, "bulk_poll_seconds": 0.5, "few_records": 0} | sync,
        )

    return make


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Engine]:
    """Open an engine that works on what it is asked for."""
    async with open_engine(settings, duty=Duty.WHAT_IS_ASKED) as engine:
        yield engine


class Unseen:
    """A display that nobody looks at."""

    def show(self, run: object) -> None:
        del run


async def connect(engine: Engine, shop: ShopDomain) -> None:
    """Connect a shop by the token that its simulator accepts for ever."""
    grant = AccessGrant(access_token=f"shpat_{shop.split('.')[0]}")
    await engine.connect(shop, grant)


async def sync(
    engine: Engine,
    shop: ShopDomain,
    strategy: SyncStrategy | None = None,
    mode: SyncMode = SyncMode.INITIAL,
) -> Run:
    """Sync a shop and return the run as it ended."""
    run, _ = await engine.start_sync(shop, mode=mode, trigger=SyncTrigger.MANUAL, strategy=strategy)
    return await follow_run(engine, run, Unseen())


AuditEntries = Callable[[ShopDomain], Awaitable[list[dict[str, Any]]]]


@pytest.fixture
def audit_entries(mongodb_uri: str, database_name: str) -> AuditEntries:
    """Return what reads the audit of a shop, in the order of its entries."""

    async def read(shop: ShopDomain) -> list[dict[str, Any]]:
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_uri)
        try:
            found = client[database_name]["audit"].find({"shop_id": shop}).sort("_id", 1)
            return [entry async for entry in found]
        finally:
            client.close()

    return read
