"""What tests of the archive share."""

from collections.abc import AsyncIterator

import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorClient

from sync_engine.store.codec import CODEC_OPTIONS, Document
from tests.integration.archive.archives import Documents


@pytest_asyncio.fixture
async def documents(mongodb_uri: str, database_name: str) -> AsyncIterator[Documents]:
    """Yield the way past our own code to what MongoDB has."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(mongodb_uri)
    database = client.get_database(database_name, codec_options=CODEC_OPTIONS)
    yield Documents(database["orders"])
    client.close()
