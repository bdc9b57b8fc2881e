"""Takes webhooks in: each is safe in MongoDB before its sender is answered.

Events that come while others are being written go together in the next write, so that a burst
costs few writes and a single event no wait.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import structlog
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

log = structlog.get_logger(__name__)


class _Arrival:
    """An event whose sender waits to hear that it is stored."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def answer(self, failure: Exception | None) -> None:
        """Tell the sender how it went, unless it has hung up."""
        if self.stored.done():
            return
        if failure is None:
            self.stored.set_result(None)
        else:
            self.stored.set_exception(failure)


class EventIntake:
    """The events of all shops, as they come."""

    def __init__(self, mongo: Mongo) -> None:
        """Take the open database."""
        self._collection = mongo.collection("webhook_events")
        self._waiting: list[_Arrival] = []
        self._arrived = asyncio.Event()
        self.came = asyncio.Event()
        """Set whenever new events are stored; whoever applies them clears it."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Take events for the duration of the block; who still waits at its end is turned away."""
        writing = asyncio.create_task(self._write_on(), name="webhook intake")
        try:
            yield
        finally:
            writing.cancel()
            await asyncio.wait([writing])
            for arrival in self._waiting:
                arrival.answer(_closed())
            self._waiting.clear()

    async def add(self, event: WebhookEvent) -> None:
        """Store an event; one that is stored already stays as it is.

        May be given up at any time: the event is then stored or not, and comes again.

        Raises:
            StoreUnavailableError: it is not stored; the sender has to try again.
        """
        arrival = _Arrival(encode_event(event))
        self._waiting.append(arrival)
        self._arrived.set()
        try:
            await arrival.stored
        except asyncio.CancelledError:
            with suppress(ValueError):  # it is being written
                self._waiting.remove(arrival)
            raise

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

    async def _write(self, arrivals: Sequence[_Arrival]) -> None:
        try:
            failures = await self._insert([arrival.document for arrival in arrivals])
        except asyncio.CancelledError:
            for arrival in arrivals:
                arrival.answer(_closed())
            raise
        except Exception as error:
            log.exception("webhook_intake.failed", events=len(arrivals))
            failures = dict.fromkeys(range(len(arrivals)), error)
        for place, arrival in enumerate(arrivals):
            arrival.answer(failures.get(place))

    async def _insert(self, documents: Sequence[Document]) -> dict[int, Exception]:
        """Return what is not stored, by its place, and why; what stood there before is stored."""
        everything = range(len(documents))
        try:
            await self._collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            if error.details.get("writeConcernErrors"):  # a failover could still undo it
                return dict.fromkeys(everything, translate(error))
            return {
                refused["index"]: StoreUnavailableError("MongoDB does not take the event")
                for refused in error.details["writeErrors"]
                if refused["code"] != _DUPLICATE_KEY
            }
        except PyMongoError as error:
            return dict.fromkeys(everything, translate(error))
        return {}


def _closed() -> StoreUnavailableError:
    return StoreUnavailableError("this process stops: another will take the event")
