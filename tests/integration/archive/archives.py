"""Shops with archives, and what must hold of them at every moment."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from motor.motor_asyncio import AsyncIOMotorCollection

from sync_engine.archive.archive import Archive
from sync_engine.archive.files import ArchiveFiles
from sync_engine.model.clock import Clock
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.codec import Document
from sync_engine.store.store import Store
from tests.examples import connected_shop
from tests.manual_clock import ManualClock

NOW = datetime(2026, 12, 24, tzinfo=UTC)


async def shop_with_archive(
    store: Store, domain: ShopDomain, days: int = 31, **profile: str
) -> Shop:
    shop = await connected_shop(store, domain, **profile)
    settings = msgspec.structs.replace(shop.settings, archive_after_days=days)
    changed = await store.shops.save_settings(shop.domain, settings)
    assert changed is not None
    return changed


def archive_in(
    store: Store, folder: Path, orders_in_a_part: int = 5_000, clock: Clock | None = None
) -> Archive:
    return Archive(
        store,
        ArchiveFiles(folder.as_uri()),
        holder="test",
        clock=clock or ManualClock(),
        orders_in_a_part=orders_in_a_part,
    )


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


class Documents:
    """The orders of shops as MongoDB has them."""

    def __init__(self, orders: AsyncIOMotorCollection[Document]) -> None:
        self._orders = orders

    async def of(self, shop: ShopDomain) -> dict[int, Document]:
        found: dict[int, Document] = {}
        async for document in self._orders.find({"shop_id": shop}):
            number = document.pop("_id")["id"]
            del document["shop_id"]
            found[number] = document
        return found

    async def change(self, shop: ShopDomain, number: int, changes: Document) -> None:
        await self._orders.update_one({"_id": {"shop_id": shop, "id": number}}, changes)
