"""What every tier shares: a clean environment, and a real MongoDB with a database per test."""

import os
import uuid
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, settings
from motor.motor_asyncio import AsyncIOMotorClient

from sync_engine.store.embedded.server import open_embedded_mongod
from sync_engine.store.store import Store, open_store

pytest_plugins = ["tests.searched_log"]

_GIVEN_MONGODB_URI = os.environ.get("ECHOSIGNAL_MONGODB_URI")  # noqa: TID251 - tests may be given one

# So that what a test ended halfway is over before its database is used again.
_DATABASES_AT_REST = 3

# How fast a machine happens to be is no property of the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own settings out of the tests."""
    for name in list(os.environ):  # noqa: TID251 - to clean it
        if name.startswith("ECHOSIGNAL_"):
            monkeypatch.delenv(name)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def mongodb_uri(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Yield the URI of a replica set: the one in the environment, else one of our own."""
    if _GIVEN_MONGODB_URI:
        yield _GIVEN_MONGODB_URI
        return
    async with open_embedded_mongod(tmp_path_factory.mktemp("mongodb")) as mongod:
        yield mongod.uri


@pytest.fixture
def encryption_key() -> str:
    """Return a fresh key for the tokens of shops."""
    return Fernet.generate_key().decode()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def left_databases(mongodb_uri: str) -> AsyncIterator[deque[str]]:
    """Yield the databases that tests have left, the one longest at rest first.

    They are used again: to lay one out and to drop it takes longer than most tests.
    """
    names = deque[str]()
    yield names
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(mongodb_uri)
    for name in names:
        await client.drop_database(name)
    client.close()


@pytest_asyncio.fixture
async def database_name(mongodb_uri: str, left_databases: deque[str]) -> AsyncIterator[str]:
    """Yield the name of a database that is this test's alone, and holds no documents."""
    name = f"test_{uuid.uuid4().hex}"
    if len(left_databases) >= _DATABASES_AT_REST:
        name = left_databases.popleft()
        client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(mongodb_uri)
        for collection in await client[name].list_collection_names():
            await client[name][collection].delete_many({})
        client.close()
    yield name
    left_databases.append(name)


@pytest_asyncio.fixture
async def store(mongodb_uri: str, database_name: str, encryption_key: str) -> AsyncIterator[Store]:
    """Yield an empty store."""
    async with open_store(mongodb_uri, database_name, [encryption_key]) as opened:
        yield opened


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Return a data directory for programs that a test starts."""
    return tmp_path / "data"
