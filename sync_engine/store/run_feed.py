"""Tells everybody in this process how runs change: one change stream, any number of listeners."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog
from pymongo.errors import PyMongoError

from sync_engine.model.run import Run
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.codec import Document
from sync_engine.store.mongo import Mongo
from sync_engine.store.runs import decode_run

_PAUSE_SECONDS = 1.0
_AWAIT_MILLISECONDS = 250  # how long the server holds a question that has no answer yet

log = structlog.get_logger(__name__)


class RunListener:
    """What one listener has not taken yet: the newest state of each run, in order of change.

    A slow listener finds states merged and never holds anybody up.
    """

    def __init__(self, shop: ShopDomain) -> None:
        """Listen to the runs of one shop."""
        self.shop = shop
        self._changed: dict[str, Run] = {}
        self._arrived = asyncio.Event()

    def put(self, run: Run) -> None:
        """Replace what is known of the run."""
        self._changed.pop(run.id, None)
        self._changed[run.id] = run
        self._arrived.set()

    async def next(self) -> Run:
        """Wait for the oldest change that was not taken yet."""
        await self._arrived.wait()
        run = self._changed.pop(next(iter(self._changed)))
        if not self._changed:
            self._arrived.clear()
        return run


class RunFeed:
    """Reads the change stream while it is open and hands runs to the listeners of their shop."""

    def __init__(self, mongo: Mongo) -> None:
        """Take the open database; nothing is read before ``open``."""
        self._mongo = mongo
        self._listeners: set[RunListener] = set()

    @contextmanager
    def listen(self, shop: ShopDomain) -> Iterator[RunListener]:
        """Listen to the runs of a shop from now on.

        Listen first and read the current state afterwards, and nothing is missed between.
        """
        listener = RunListener(shop)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Keep the feed running for the duration of the block."""
        is_watching = asyncio.Event()
        task = asyncio.create_task(self._follow(is_watching), name="run feed")
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
                log.warning("run_feed.interrupted", error=type(error).__name__)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _watch(self, is_watching: asyncio.Event) -> None:
        stream = self._mongo.collection("sync_runs").watch(
            full_document="updateLookup", max_await_time_ms=_AWAIT_MILLISECONDS
        )
        async with stream:
            await stream.try_next()  # opens the stream at the server
            if is_watching.is_set():
                await self._catch_up()
            is_watching.set()
            async for change in stream:
                self._tell(change.get("fullDocument"))

    async def _catch_up(self) -> None:
        """After a gap, tell each listener where its shop's newest run stands."""
        for shop in {listener.shop for listener in self._listeners}:
            newest = self._mongo.collection("sync_runs").find({"shop_id": shop})
            async for document in newest.sort([("queued_at", -1), ("_id", -1)]).limit(1):
                self._tell(document)

    def _tell(self, document: Document | None) -> None:
        if document is None:  # deleted since
            return
        interested = [each for each in self._listeners if each.shop == document["shop_id"]]
        if interested:
            run = decode_run(document)
            for listener in interested:
                listener.put(run)
