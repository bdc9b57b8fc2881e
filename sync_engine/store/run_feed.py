"""Tells everybody in this process how runs change."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from sync_engine.model.run import Run
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.codec import Document
from sync_engine.store.mongo import Mongo
from sync_engine.store.runs import decode_run


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
    """Hands runs to the listeners of their shop as they change."""

    def __init__(self, mongo: Mongo) -> None:
        """Take the open database."""
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

    def changed(self, change: Document) -> None:
        """Hand a run that has changed to the listeners of its shop."""
        self._tell(change.get("fullDocument"))

    async def catch_up(self) -> None:
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
