"""What was changed and what was done about people's data; kept, whatever else is erased."""

from collections.abc import AsyncIterator
from datetime import datetime

from sync_engine.model.audit import SHOPIFY, AuditEntry
from sync_engine.model.paging import Page, PageItem
from sync_engine.store.codec import Document, from_document, to_document
from sync_engine.store.cursors import Position, after_position, read_cursor, write_cursor
from sync_engine.store.failures import store_failures
from sync_engine.store.layout import ID
from sync_engine.store.mongo import Mongo
from sync_engine.store.scoped import ScopedCollection

_NEWEST_FIRST = (("at", -1), (ID, -1))


class AuditTrail:
    """The entries of all shops; entries hold ids, never names or addresses."""

    def __init__(self, mongo: Mongo) -> None:
        """Take the open database."""
        self._collection = mongo.collection("audit")

    async def add(self, entry: AuditEntry) -> None:
        """Add an entry; one that the shop has under this id stays as it is."""
        document = to_document(entry)
        shop = document.pop("shop")
        document["_id"] = {"shop_id": shop, "id": document.pop("id")}
        document["shop_id"] = shop
        with store_failures():
            await ScopedCollection(self._collection, entry.shop).insert_one(document)

    async def newest(
        self, *, limit: int, since: datetime | None = None
    ) -> AsyncIterator[AuditEntry]:
        """Yield the entries of all shops, the newest first."""
        with store_failures():
            found = self._collection.find(_conditions(since)).sort(list(_NEWEST_FIRST)).limit(limit)
            async for document in found:
                yield _decode(document)


class ShopAudit:
    """The entries of one shop."""

    def __init__(self, collection: ScopedCollection) -> None:
        """Take the ``audit`` collection as one shop sees it."""
        self._collection = collection

    async def page(
        self, *, first: int, after: str | None = None, since: datetime | None = None
    ) -> Page[AuditEntry]:
        """Return entries, newest first.

        Raises:
            InvalidCursorError: the cursor is not one of this list.
        """
        condition = _conditions(since)
        if after is not None:
            position = read_cursor(after, sort="AT", value_type=datetime, id_type=str)
            condition = {"$and": [condition, after_position("at", ID, position, reverse=True)]}
        with store_failures():
            found = self._collection.find(condition, sort=_NEWEST_FIRST, limit=first + 1)
            entries = [_decode(document) async for document in found]
        return Page(
            items=tuple(
                PageItem(write_cursor(Position("AT", entry.at, entry.id)), entry)
                for entry in entries[:first]
            ),
            has_next_page=len(entries) > first,
        )

    async def count(self, *, since: datetime | None = None) -> int:
        """Count the entries."""
        with store_failures():
            return await self._collection.count(_conditions(since))


def _conditions(since: datetime | None) -> Document:
    return {} if since is None else {"at": {"$gte": since}}


def _decode(document: Document) -> AuditEntry:
    identified = {"id": document["_id"]["id"], "shop": document["shop_id"]}
    # The first entries were all of Shopify's requests, and did not say so.
    return from_document({"who": SHOPIFY, **document, **identified}, AuditEntry)
