"""What a webhook's sender is told is true: stored, or to be sent again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorClient

from config.settings import Settings, load_settings
from gateway.app import create_app
from gateway.serving import listen, serving
from sync_engine.model.errors import StoreUnavailableError
from sync_engine.model.together import together
from sync_engine.open_engine import Duty, open_engine
from sync_engine.store.embedded.server import open_embedded_mongod
from sync_engine.store.event_intake import EventIntake
from sync_engine.store.mongo import open_mongo
from sync_engine.store.store import Store
from tests.examples import SHOP, event
from tests.integration.gateway.profiled import profiled_commands
from tests.unused_port import unused_port
from tests.webhook_request import signed

BODY = b'{"id": 1}'


@pytest_asyncio.fixture
async def mongod(tmp_path: Path) -> AsyncIterator[tuple[str, AsyncExitStack]]:
    """Yield the URI of a MongoDB of the test's own, and what stops it."""
    async with AsyncExitStack() as running:
        found = await running.enter_async_context(open_embedded_mongod(tmp_path))
        yield f"{found.uri}&serverSelectionTimeoutMS=500", running


@pytest.fixture
def settings(mongod: tuple[str, AsyncExitStack], tmp_path: Path, encryption_key: str) -> Settings:
    """Return the settings of a gateway on that MongoDB."""
    return load_settings(
        port=unused_port(),
        data_dir=tmp_path,
        mongodb={"uri": mongod[0]},
        encryption_keys=encryption_key,
        shopify={"api_key": "key", "api_secret": "secret"},
    )


@pytest_asyncio.fixture
async def http(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of a gateway whose patience is short."""
    app = create_app(
        lambda: open_engine(settings, duty=Duty.NONE),
        operator_token=None,
        public_url=settings.public_url,
        webhook_seconds=0.3,
    )
    async with (
        serving(app, listen(settings.host, settings.port)),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", timeout=30) as client,
    ):
        yield client


async def deliver(http: httpx.AsyncClient) -> httpx.Response:
    headers = signed(BODY, "secret", shop=SHOP)
    return await http.post("/webhooks/shopify", content=BODY, headers=headers)


async def test_without_mongodb_the_sender_is_asked_to_come_again(
    http: httpx.AsyncClient, mongod: tuple[str, AsyncExitStack]
) -> None:
    await mongod[1].aclose()
    answer = await deliver(http)
    assert answer.status_code == 503
    assert answer.headers["retry-after"].isdigit()


async def test_a_mongodb_that_hangs_does_not_keep_the_sender_waiting(
    http: httpx.AsyncClient, mongod: tuple[str, AsyncExitStack], settings: Settings
) -> None:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongod[0])
    await client.admin.command("fsync", lock=True)  # every write waits from now on
    try:
        answers = await together(deliver(http) for _ in range(3))
    finally:
        await client.admin.command("fsyncUnlock")
    assert [answer.status_code for answer in answers] == [503] * 3
    assert (await deliver(http)).status_code == 200
    stored = await client[settings.mongodb.database]["webhook_events"].count_documents({})
    client.close()
    assert stored == 1


async def test_events_that_come_together_are_written_together(
    store: Store, mongodb_uri: str, database_name: str
) -> None:
    count = 400
    profile = profiled_commands(mongodb_uri, database_name, "webhook_events")
    async with profile as commands, store.intake.open():
        await together(store.intake.add(event(number)) for number in range(count))
    assert len(await store.shop(SHOP).events.due(limit=2 * count)) == count
    assert [entry["op"] for entry in commands if entry["op"] == "insert"] == ["insert"]


async def test_who_waits_when_the_process_stops_is_turned_away(
    mongodb_uri: str, database_name: str
) -> None:
    async with open_mongo(mongodb_uri, database_name) as mongo:
        intake = EventIntake(mongo)
        async with intake.open():
            waiting = asyncio.create_task(intake.add(event(1)))
            await asyncio.sleep(0)  # it waits now, and nothing is written yet
        with pytest.raises(StoreUnavailableError):
            await waiting
