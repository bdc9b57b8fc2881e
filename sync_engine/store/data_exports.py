"""What a person has asked for: everything that is stored about them, for an operator to hand over.

It is kept compressed and for a limited time; what it says is the privacy room's affair.
"""

import gzip
from datetime import datetime

import msgspec

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.codec import Document, from_document
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Mongo
from sync_engine.store.scoped import ScopedCollection


class DataExport(msgspec.Struct, frozen=True, kw_only=True):
    """One request and what was found; ``request`` is Shopify's number of it."""

    id: str
    shop: ShopDomain
    customer_id: int
    request: int | None
    asked_at: datetime
    made_at: datetime
    is_empty: bool


class DataExports:
    """The exports of all shops: the operator hands them over."""

    def __init__(self, mongo: Mongo) -> None:
        """Take the open database."""
        self._collection = mongo.collection("data_exports")

    async def add(self, export: DataExport, document: bytes) -> None:
        """Keep an export; one that the shop has under this id stays as it is.

        Raises:
            StoreRejectedError: it is too large even when it is compressed.
        """
        stored = msgspec.to_builtins(export, builtin_types=(datetime,))
        shop = stored.pop("shop")
        stored["_id"] = {"shop_id": shop, "id": stored.pop("id")}
        stored["shop_id"] = shop
        stored["document"] = gzip.compress(document)
        with store_failures():
            await ScopedCollection(self._collection, export.shop).insert_one(stored)

    async def list(self, shop: ShopDomain | None = None) -> list[DataExport]:
        """Return the exports of a shop, or of all, without their documents, the newest last."""
        condition: Document = {} if shop is None else {"shop_id": shop}
        with store_failures():
            found = self._collection.find(condition, {"document": 0}).sort("made_at", 1)
            return [_decode(document) async for document in found]

    async def read(self, export_id: str) -> tuple[DataExport, bytes] | None:
        """Return an export with its document; None where there is none of that id any more."""
        with store_failures():
            document = await self._collection.find_one({"_id.id": export_id})
        if document is None:
            return None
        return _decode(document), gzip.decompress(document["document"])

    async def forget(self, shop: ShopDomain, customer_id: int) -> int:
        """Delete the exports about a person; returns how many there were."""
        with store_failures():
            scoped = ScopedCollection(self._collection, shop)
            return await scoped.delete_many({"customer_id": customer_id})


def _decode(document: Document) -> DataExport:
    return from_document(
        {**document, "id": document["_id"]["id"], "shop": document["shop_id"]}, DataExport
    )
