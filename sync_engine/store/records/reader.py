"""Reads the stored records of one shop: by id, by page, by count.

Deleted ones do not exist here, and archived ones only where versions are compared.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, get_type_hints

from sync_engine.model.paging import Page, PageItem
from sync_engine.store.codec import Document
from sync_engine.store.cursors import Position, after_position, read_cursor, write_cursor
from sync_engine.store.failures import store_failures
from sync_engine.store.layout import ID
from sync_engine.store.records.kind import FilterT, RecordKind, RecordT, SortT, document_id
from sync_engine.store.records.stubs import ARCHIVED, dates_of
from sync_engine.store.scoped import ScopedCollection

# A tombstone has no created_at, nor has the stub of an archived order, so asking for any date
# leaves both out within the index.
_NEVER = datetime(1, 1, 1, tzinfo=UTC)
_SAME_MOMENT = timedelta(seconds=10)  # a second, and what the clocks may differ by
_LIVE = {"$gt": _NEVER}


class RecordReader(Generic[RecordT, FilterT, SortT]):
    """The records of one resource of one shop."""

    def __init__(
        self, collection: ScopedCollection, kind: RecordKind[RecordT, FilterT, SortT]
    ) -> None:
        """Bind a kind of record to a collection that sees one shop only."""
        self._collection = collection
        self._kind = kind

    @property
    def sorts(self) -> Collection[SortT]:
        """The orders in which records can be listed."""
        return self._kind.sort_fields.keys()

    async def get(self, number: int) -> RecordT | None:
        """Return the record with Shopify's number, if it is stored."""
        return (await self.get_many([number])).get(number)

    async def get_many(self, numbers: Iterable[int]) -> dict[int, RecordT]:
        """Return those of the records that are stored, by number, in one round trip."""
        keys = [document_id(self._collection.shop, number) for number in set(numbers)]
        with store_failures():
            found = self._collection.find({"_id": {"$in": keys}, "created_at": _LIVE})
            return {document["_id"]["id"]: self._kind.decode(document) async for document in found}

    async def versions(
        self, *, after: int, until: int, created_from: datetime | None = None
    ) -> dict[int, datetime]:
        """Return the ids in (after, until] with the last change that is stored of each.

        One that is known to be outdated counts as never changed. So does one that was looked at in
        the moment of its change: Shopify's times have seconds only, so what came later in the same
        second would not show.
        """
        shop = self._collection.shop
        created: Document = _LIVE if created_from is None else {"$gte": created_from}
        condition = {
            "_id": {"$gt": document_id(shop, after), "$lte": document_id(shop, until)},
            "$or": [{"created_at": created}, {f"{ARCHIVED}.created_at": created}],
        }
        with store_failures():
            found = self._collection.find(
                condition,
                projection=["updated_at", "observed_at", "is_outdated", ARCHIVED],
                sort=[("_id", 1)],
            )
            return {
                document["_id"]["id"]: (
                    _NEVER if _is_in_doubt(document) else dates_of(document)["updated_at"]
                )
                async for document in found
            }

    async def count(self, wanted: FilterT | None = None) -> int:
        """Count the records that match; without a filter, all of them, from an index alone."""
        with store_failures():
            return await self._collection.count(self._conditions(wanted))

    async def page(
        self,
        wanted: FilterT | None,
        *,
        sort: SortT,
        reverse: bool,
        first: int,
        after: str | None = None,
    ) -> Page[RecordT]:
        """Return up to ``first`` records in order, after a cursor.

        Raises:
            InvalidCursorError: the cursor is not one of this list and sort order.
        """
        field = self._kind.sort_fields[sort]
        condition: Document = self._conditions(wanted)
        if field not in condition:  # stubs lack it too, and would all be read before the first
            condition[field] = {"$ne": None}
        if after is not None:
            value_type = get_type_hints(self._kind.record_type)[field]
            position = read_cursor(after, sort=sort, value_type=value_type, id_type=int)
            beyond = after_position(field, ID, position, reverse=reverse)
            condition = {"$and": [condition, beyond]}
        direction = -1 if reverse else 1
        with store_failures():
            found = self._collection.find(
                condition, sort=[(field, direction), (ID, direction)], limit=first + 1
            )
            records = [self._kind.decode(document) async for document in found]
        return Page(
            items=tuple(
                PageItem(write_cursor(Position(sort, getattr(record, field), record.id)), record)
                for record in records[:first]
            ),
            has_next_page=len(records) > first,
        )

    def _conditions(self, wanted: FilterT | None) -> dict[str, Any]:
        conditions = {} if wanted is None else self._kind.conditions(wanted)
        return {"created_at": _LIVE, **conditions}


def _is_in_doubt(document: Document) -> bool:
    dates = dates_of(document)
    looked_later = dates["observed_at"] - dates["updated_at"]
    return bool(document.get("is_outdated")) or looked_later < _SAME_MOMENT
