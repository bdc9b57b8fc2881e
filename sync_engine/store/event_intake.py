"""Takes webhooks in: each is safe in MongoDB before its sender is answered.

Events that come while others are being written go together in the next write, so that a burst
costs few writes and a single event no wait.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pymongo.errors import BulkWriteError, PyMongoError

from sync_engine.model.errors import StoreUnavailableError
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.webhook_event import WebhookEvent, WebhookEventStatus
from sync_engine.store.codec import Document
from sync_engine.store.failures import store_failures, translate
from sync_engine.store.mongo import Mongo
from sync_engine.store.webhook_events import encode_event

_MOST_AT_ONCE = 500
_DUPLICATE_KEY = 11000


class EventIntake:
    """The events of all shops, as they come."""

    def __init__(self, mongo: Mongo) -> None:
        """Take the open database."""
        self._collection = mongo.collection("webhook_events")
        self._waiting: list[tuple[Document, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()
        self.came = asyncio.Event()
        """Set whenever new events are stored; whoever applies them clears it."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Take events for the duration of the block."""
        writing = asyncio.create_task(self._write_on(), name="webhook intake")
        try:
            yield
        finally:
            writing.cancel()
            await asyncio.wait([writing])

    async def add(self, event: WebhookEvent) -> None:
        """Store an event; one that is stored already stays as it is.

        Raises:
            StoreUnavailableError: it is not stored; the sender has to try again.
        """
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((encode_event(event), stored))
        self._arrived.set()
        await stored

    async def shops_waiting(self) -> list[ShopDomain]:
        """Return the shops that have events to be applied now."""
        due = {
            "status": WebhookEventStatus.RECEIVED.value,
            "$expr": {"$lte": ["$due_at", "$$NOW"]},
        }
        with store_failures():
            found = self._collection.aggregate([{"$match": due}, {"$group": {"_id": "$shop_id"}}])
            return [ShopDomain(each["_id"]) async for each in found]

    async def _write_on(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                batch = self._waiting[:_MOST_AT_ONCE]
                del self._waiting[:_MOST_AT_ONCE]
                await self._write(batch)
                self.came.set()

    async def _write(self, batch: list[tuple[Document, asyncio.Future[None]]]) -> None:
        failed: dict[int, Exception] = {}
        try:
            await self._collection.insert_many([document for document, _ in batch], ordered=False)
        except BulkWriteError as error:
            refused = error.details.get("writeErrors") or []
            failed = {
                each["index"]: StoreUnavailableError("MongoDB does not take the event")
                for each in refused
                if each["code"] != _DUPLICATE_KEY
            }
            if not refused:  # the write concern
                failed = dict.fromkeys(range(len(batch)), translate(error))
        except PyMongoError as error:
            failed = dict.fromkeys(range(len(batch)), translate(error))
        except asyncio.CancelledError:
            for _, stored in batch:
                stored.cancel()
            raise
        for place, (_, stored) in enumerate(batch):
            if stored.done():  # its sender has hung up
                continue
            if place in failed:
                stored.set_exception(failed[place])
            else:
                stored.set_result(None)
