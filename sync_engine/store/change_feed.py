"""One change stream per process, read for everybody in it who wants to know what changes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

import structlog
from pymongo.errors import PyMongoError

from sync_engine.store.codec import Document
from sync_engine.store.mongo import Mongo

_PAUSE_SECONDS = 1.0
_AWAIT_MILLISECONDS = 250  # how long the server holds a question that has no answer yet

_PLACES = ("fullDocument", "updateDescription.updatedFields")
_SECRETS = ("grant", "secret_sha256")

log = structlog.get_logger(__name__)


class ChangeListener(Protocol):
    """Who wants to know of the changes of one collection."""

    def changed(self, change: Document) -> None:
        """Take an event of the change stream, with the document as it is now."""

    async def catch_up(self) -> None:
        """Make up for changes that went by unseen while the stream was interrupted."""


class ChangeFeed:
    """Reads the change stream while it is open and hands each event to its collection's listener.

    Events of secrets never leave the server: what is watched is projected there.
    """

    def __init__(self, mongo: Mongo, listeners: Mapping[str, ChangeListener]) -> None:
        """Take the open database, and who listens to which collection."""
        self._mongo = mongo
        self._listeners = listeners
        self._streams = 0

    @property
    def is_heard(self) -> bool:
        """Whether changes are being told."""
        return self._streams > 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Keep the feed running for the duration of the block."""
        is_watching = asyncio.Event()
        task = asyncio.create_task(self._follow(is_watching), name="change feed")
        try:
            await asyncio.wait_for(is_watching.wait(), timeout=30)
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _follow(self, is_watching: asyncio.Event) -> None:
        while True:
            try:
                await self._watch(is_watching)
            except PyMongoError as error:
                log.warning("change_feed.interrupted", error=type(error).__name__)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _watch(self, is_watching: asyncio.Event) -> None:
        since = await self._mongo.after_now()  # whatever changes from here on, the stream brings
        if is_watching.is_set():
            for listener in self._listeners.values():
                await listener.catch_up()
        is_watching.set()
        stream = self._mongo.database.watch(
            [
                {"$match": {"ns.coll": {"$in": list(self._listeners)}}},
                {"$unset": [f"{place}.{secret}" for place in _PLACES for secret in _SECRETS]},
            ],
            full_document="updateLookup",
            max_await_time_ms=_AWAIT_MILLISECONDS,
            start_at_operation_time=since,
        )
        self._streams += 1
        try:
            async with stream:
                async for change in stream:
                    if "ns" in change and "coll" in change["ns"]:
                        self._listeners[change["ns"]["coll"]].changed(change)
        finally:
            self._streams -= 1
