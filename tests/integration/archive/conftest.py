"""What tests of the archive share."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorClient

from sync_engine.archive.archive import Archive
from sync_engine.model.records import Order
from sync_engine.model.shop import Shop
from sync_engine.model.shop_change import ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.store.codec import CODEC_OPTIONS, Document
from sync_engine.store.store import Store
from tests.examples import SHOP, batch
from tests.integration.archive.archives import (
    NOW,
    Documents,
    archive_in,
    shop_with_archive,
)
from tests.integration.archive.summer import SEEN, Tell, summer_order


@pytest_asyncio.fixture
async def documents(mongodb_uri: str, database_name: str) -> AsyncIterator[Documents]:
    """Yield the way past our own code to what MongoDB has."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(mongodb_uri)
    database = client.get_database(database_name, codec_options=CODEC_OPTIONS)
    yield Documents(database["orders"])
    client.close()


@pytest.fixture
def tell(store: Store) -> Tell:
    """Return what brings versions of orders, as webhooks do."""

    async def bring(*orders: Order, resource: Resource = Resource.ORDERS, **changes: Any) -> None:
        mergers = changes.pop("mergers", ())
        given = batch(*orders, **({"observed_at": SEEN, "export_id": None} | changes))
        change = ShopChange(resource=resource, batch=given, mergers=mergers)
        async with store.changes(SHOP) as writer:
            await writer.write(change, now=NOW)

    return bring


@pytest_asyncio.fixture
async def shop(store: Store, tell: Tell) -> Shop:
    """Return a shop with four orders of July, which are due."""
    connected = await shop_with_archive(store, SHOP)
    await tell(*(summer_order(number) for number in (1, 2, 3, 4)))
    return connected


@pytest.fixture
def archive(store: Store, tmp_path: Path) -> Archive:
    """Return the archive."""
    return archive_in(store, tmp_path)
