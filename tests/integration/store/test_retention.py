"""What is not the copy itself goes by itself: when, and what stays however old it is."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from config.settings import load_settings
from sync_engine.model.clock import SystemClock
from sync_engine.model.run import ApiUsage
from sync_engine.model.sync_enums import Resource, SyncMode, SyncState, SyncTrigger
from sync_engine.runs.start_run import start_run
from sync_engine.store.retention import Retention
from sync_engine.store.store import Store, open_store
from tests.examples import SHOP, run_under_way

DAY = 24 * 3600
TIMES = {
    ("engagement", "day"): 366 * DAY,
    ("webhook_events", "processed_at"): 7 * DAY,
    ("sync_errors", "resolved_at"): 90 * DAY,
    ("sync_runs", "superseded_at"): 400 * DAY,
    ("data_exports", "made_at"): 30 * DAY,
    ("audit", "at"): 730 * DAY,
    ("install_states", "used_at"): 7 * DAY,
}

Database = AsyncIOMotorDatabase[dict[str, Any]]


@pytest_asyncio.fixture
async def database(mongodb_uri: str, database_name: str) -> AsyncIterator[Database]:
    """Yield the database behind the store."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_uri)
    yield client[database_name]
    client.close()


async def times(database: Database) -> dict[tuple[str, str], int]:
    """Return how many seconds documents live, by collection and date."""
    found = {}
    for name in await database.list_collection_names():
        async for index in database[name].list_indexes():
            if "expireAfterSeconds" in index:
                ((field, _),) = index["key"].items()
                found[name, field] = index["expireAfterSeconds"]
    return found


def test_the_defaults_of_settings_and_store_are_the_same() -> None:
    assert load_settings().retention.model_dump() == msgspec.structs.asdict(Retention())


async def test_a_changed_time_holds_from_the_next_start_on(
    store: Store, database: Database, mongodb_uri: str, encryption_key: str
) -> None:
    del store
    assert await times(database) == TIMES
    shorter = Retention(audit_days=1, webhook_event_days=2)
    sooner = {
        ("audit", "at"): DAY,
        ("webhook_events", "processed_at"): 2 * DAY,
        ("install_states", "used_at"): 2 * DAY,
    }
    for retention, changed in ((shorter, sooner), (Retention(), {})):
        async with open_store(mongodb_uri, database.name, [encryption_key], retention=retention):
            assert await times(database) == TIMES | changed


async def test_a_database_from_before_gets_its_times(
    database: Database, mongodb_uri: str, encryption_key: str
) -> None:
    await database.client.drop_database(database.name)
    await database["audit"].create_index([("at", 1)])
    await database["webhook_events"].create_index([("received_at", 1)], expireAfterSeconds=5)
    async with open_store(mongodb_uri, database.name, [encryption_key]):
        assert await times(database) == TIMES


async def test_the_last_run_of_a_shop_never_expires(store: Store, database: Database) -> None:
    first = await run_under_way(store)
    clock = SystemClock()

    async def expiring() -> list[str]:
        found = database["sync_runs"].find({"superseded_at": {"$type": "date"}})
        return [document["_id"] async for document in found]

    async def start() -> bool:
        _, is_new = await start_run(
            store.shop(SHOP),
            mode=SyncMode.INCREMENTAL,
            trigger=SyncTrigger.SCHEDULE,
            resources=tuple(Resource),
            strategy=None,
            clock=clock,
        )
        return is_new

    assert not await start()
    assert await expiring() == []
    await store.shop(SHOP).runs.finish(
        first, SyncState.SUCCEEDED, message=None, usage=ApiUsage(), now=clock.now()
    )
    assert await expiring() == []
    assert await start()
    assert await expiring() == [first.id]
