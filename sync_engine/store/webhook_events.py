"""The webhooks of one shop: each delivery once, in the order of Shopify's clock."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime
from typing import Any

from sync_engine.model.paging import Page, PageItem
from sync_engine.model.webhook_event import EventOutcome, WebhookEvent, WebhookEventStatus
from sync_engine.store.codec import Document, from_document, to_document
from sync_engine.store.cursors import Position, after_position, read_cursor, write_cursor
from sync_engine.store.failures import store_failures
from sync_engine.store.layout import ID
from sync_engine.store.mongo import Session
from sync_engine.store.scoped import ScopedCollection
from sync_engine.store.sync_errors import ERASED_MESSAGE

_BODY_UNLESS_FORGOTTEN = {"$cond": ["$forgets_payload", b"", "$body"]}
_IS_SETTLED = {"$ne": ["$status", WebhookEventStatus.RECEIVED.value]}


class WebhookEventRepository:
    """The events of one shop."""

    def __init__(self, collection: ScopedCollection) -> None:
        """Take the ``webhook_events`` collection as one shop sees it."""
        self._collection = collection

    async def due(self, *, limit: int) -> list[WebhookEvent]:
        """Return events that are to be applied now, the oldest first."""
        condition = {
            "status": WebhookEventStatus.RECEIVED.value,
            "$expr": {"$lte": ["$due_at", "$$NOW"]},
        }
        with store_failures():
            found = self._collection.find(condition, sort=[("triggered_at", 1)], limit=limit)
            return [_decode(document) async for document in found]

    async def settle(
        self, outcomes: Collection[EventOutcome], *, session: Session | None = None
    ) -> None:
        """Note what became of events. Idempotent for those that are settled for good."""
        shop = self._collection.shop
        updates = [(_key(shop, each.event_id), _settled(each)) for each in outcomes]
        if session is not None:
            await self._collection.update_by_id(updates, session=session)
            return
        with store_failures():
            await self._collection.update_by_id(updates)

    async def with_payload(self, ids: Collection[str] | None = None) -> AsyncIterator[WebhookEvent]:
        """Yield events whose payload is kept, all or some, in no order that means anything."""
        condition: Document = {"body": {"$ne": b""}}
        if ids is not None:
            condition["_id"] = {"$in": [_key(self._collection.shop, each) for each in ids]}
        with store_failures():
            async for document in self._collection.find(condition):
                yield _decode(document)

    async def forget_payloads(self, ids: Collection[str]) -> None:
        """Empty the payloads of events: at once, or when they are settled. Idempotent."""
        forgotten: Document = {
            "forgets_payload": True,
            "body": {"$cond": [_IS_SETTLED, b"", "$body"]},
            "note": {"$cond": [_IS_SETTLED, {"$literal": ERASED_MESSAGE}, "$note"]},
        }
        keys = [_key(self._collection.shop, each) for each in ids]
        with store_failures():
            await self._collection.update_many({"_id": {"$in": keys}}, [{"$set": forgotten}])

    async def page(
        self,
        *,
        first: int,
        after: str | None = None,
        topic: str | None = None,
        status: WebhookEventStatus | None = None,
    ) -> Page[WebhookEvent]:
        """Return events, newest first.

        Raises:
            InvalidCursorError: the cursor is not one of this list.
        """
        condition = _conditions(topic, status)
        if after is not None:
            position = read_cursor(after, sort="RECEIVED_AT", value_type=datetime, id_type=str)
            beyond = after_position("received_at", ID, position, reverse=True)
            condition = {**condition, **beyond}
        with store_failures():
            found = self._collection.find(
                condition,
                sort=[("received_at", -1), (ID, -1)],
                limit=first + 1,
            )
            events = [_decode(document) async for document in found]
        return Page(
            items=tuple(
                PageItem(write_cursor(Position("RECEIVED_AT", each.received_at, each.id)), each)
                for each in events[:first]
            ),
            has_next_page=len(events) > first,
        )

    async def count(
        self, *, topic: str | None = None, status: WebhookEventStatus | None = None
    ) -> int:
        """Count the events that match."""
        with store_failures():
            return await self._collection.count(_conditions(topic, status))


def encode_event(event: WebhookEvent) -> Document:
    """Return the document of an event that has just come; it is due at once."""
    document = to_document(event)
    document["body"] = event.body
    document["_id"] = _key(document.pop("shop"), document.pop("id"))
    document["shop_id"] = event.shop
    document["triggered_at"] = event.triggered_at or event.received_at
    document["due_at"] = event.received_at
    return document


def _decode(document: Document) -> WebhookEvent:
    return from_document(
        {**document, "id": document["_id"]["id"], "shop": document["shop_id"]}, WebhookEvent
    )


def _settled(outcome: EventOutcome) -> list[Mapping[str, Any]]:
    changed: Document = {
        "status": outcome.status.value,
        "note": {"$literal": outcome.note},
        "attempts": {"$add": ["$attempts", 1]},
    }
    if outcome.status is WebhookEventStatus.RECEIVED:
        changed["due_at"] = {"$add": ["$$NOW", round(outcome.retry_in_seconds * 1000)]}
    else:
        changed["processed_at"] = "$$NOW"
        changed["body"] = b"" if outcome.forgets_payload else _BODY_UNLESS_FORGOTTEN
    return [{"$set": changed}]


def _key(shop: str, event_id: str) -> Document:
    return {"shop_id": shop, "id": event_id}


def _conditions(topic: str | None, status: WebhookEventStatus | None) -> Document:
    wanted = {"topic": topic, "status": None if status is None else status.value}
    return {name: value for name, value in wanted.items() if value is not None}
