"""The quarantine: records that could not be kept and what else went wrong, with the reason."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

import msgspec

from sync_engine.model.batch import Reject
from sync_engine.model.ids import new_id
from sync_engine.model.paging import Page, PageItem
from sync_engine.model.sync_enums import Resource, SyncErrorCode
from sync_engine.store.codec import Document, from_document, to_document
from sync_engine.store.cursors import Position, after_position, read_cursor, write_cursor
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Session
from sync_engine.store.scoped import ScopedCollection

ERASED_MESSAGE = "erased with the data of a person"
"""What stands in place of a message that told of somebody."""

_PAYLOAD_LIMIT_BYTES = 16 * 1024


class StoredError(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the quarantine; ``resource_id`` is Shopify's global id where it was readable."""

    id: str
    run_id: str | None
    resource: Resource | None
    resource_id: str | None
    code: SyncErrorCode
    message: str
    payload: str | None
    occurred_at: datetime
    resolved_at: datetime | None = None


class SyncErrorRepository:
    """The errors of one shop."""

    def __init__(self, collection: ScopedCollection) -> None:
        """Take the ``sync_errors`` collection as one shop sees it."""
        self._collection = collection

    async def add(
        self,
        rejects: Sequence[Reject],
        *,
        run_id: str | None,
        resource: Resource | None,
        now: datetime,
        session: Session | None = None,
    ) -> None:
        """Keep rejects with the run and resource they belong to."""
        documents: list[Document] = []
        for reject in rejects:
            error = StoredError(
                id=new_id(now),
                run_id=run_id,
                resource=resource,
                resource_id=reject.resource_id,
                code=reject.code,
                message=reject.message,
                payload=cut_payload(reject.payload),
                occurred_at=now,
            )
            document = to_document(error)
            document["_id"] = document.pop("id")
            document["shop_id"] = self._collection.shop
            documents.append(document)
        if session is not None:
            await self._collection.insert_many(documents, session=session)
            return
        with store_failures():
            await self._collection.insert_many(documents)

    async def unresolved(
        self, *, ids: Collection[str] | None, run_id: str | None, limit: int
    ) -> list[StoredError]:
        """Return errors that are not resolved, the oldest first; None asks nothing."""
        condition: Document = {**_conditions(run_id, None), "resolved_at": None}
        if ids is not None:
            condition["_id"] = {"$in": list(ids)}
        with store_failures():
            found = self._collection.find(condition, sort=[("occurred_at", 1)], limit=limit)
            return [
                from_document({**document, "id": document["_id"]}, StoredError)
                async for document in found
            ]

    async def resolve(self, ids: Collection[str], *, now: datetime) -> None:
        """Note that the records behind these errors are kept after all. Idempotent."""
        with store_failures():
            await self._collection.update_many(
                {"_id": {"$in": list(ids)}}, [{"$set": {"resolved_at": now}}]
            )

    async def every(self) -> AsyncIterator[StoredError]:
        """Yield all errors, in no order that means anything."""
        with store_failures():
            async for document in self._collection.find({}):
                yield from_document({**document, "id": document["_id"]}, StoredError)

    async def erase(self, ids: Collection[str], *, resource_id: str, now: datetime) -> None:
        """Take out of errors what was received and why it was not kept, and this record's id.

        Those about the record itself are resolved by that; another record can still be read again.
        Idempotent.
        """
        is_theirs = {"$eq": ["$resource_id", resource_id]}
        erased = {
            "payload": None,
            "message": {"$literal": ERASED_MESSAGE},
            "resource_id": {"$cond": [is_theirs, None, "$resource_id"]},
            "resolved_at": {"$cond": [is_theirs, now, "$resolved_at"]},
        }
        with store_failures():
            await self._collection.update_many({"_id": {"$in": list(ids)}}, [{"$set": erased}])

    async def page(
        self,
        *,
        first: int,
        after: str | None = None,
        run_id: str | None = None,
        resource: Resource | None = None,
    ) -> Page[StoredError]:
        """Return errors, newest first.

        Raises:
            InvalidCursorError: the cursor is not one of this list.
        """
        condition = _conditions(run_id, resource)
        if after is not None:
            position = read_cursor(after, sort="OCCURRED_AT", value_type=datetime, id_type=str)
            beyond = after_position("occurred_at", "_id", position, reverse=True)
            condition = {**condition, **beyond}
        with store_failures():
            found = self._collection.find(
                condition, sort=[("occurred_at", -1), ("_id", -1)], limit=first + 1
            )
            errors = [
                from_document({**document, "id": document["_id"]}, StoredError)
                async for document in found
            ]
        return Page(
            items=tuple(
                PageItem(write_cursor(Position("OCCURRED_AT", error.occurred_at, error.id)), error)
                for error in errors[:first]
            ),
            has_next_page=len(errors) > first,
        )

    async def count(self, *, run_id: str | None = None, resource: Resource | None = None) -> int:
        """Count the errors that match."""
        with store_failures():
            return await self._collection.count(_conditions(run_id, resource))


def cut_payload(payload: str | None) -> str | None:
    """Return the payload as it is kept: at most 16 KiB of UTF-8, cut between characters."""
    if payload is None:
        return None
    return payload.encode(errors="replace")[:_PAYLOAD_LIMIT_BYTES].decode(errors="ignore")


def _conditions(run_id: str | None, resource: Resource | None) -> Document:
    wanted = {"run_id": run_id, "resource": resource}
    return {name: value for name, value in wanted.items() if value is not None}
