"""The runs of all shops that somebody has to work on."""

from collections.abc import AsyncIterator
from typing import cast

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.codec import Document
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Mongo


class RunQueue:
    """Looks across shops, because a worker serves them all. Writes nothing: a lease decides."""

    def __init__(self, mongo: Mongo) -> None:
        """Take the open database."""
        self._collection = mongo.collection("sync_runs")

    async def waiting(self) -> AsyncIterator[tuple[ShopDomain, str]]:
        """Yield shop and run id of every active run, the oldest first, held or not."""
        with store_failures():
            found = self._collection.find({"is_active": True}, {"shop_id": 1}).sort("queued_at", 1)
            async for document in found:
                yield ShopDomain(cast("Document", document)["shop_id"]), document["_id"]

    async def shop_of(self, run_id: str) -> ShopDomain | None:
        """Return the shop of a run, whatever its state; None if there is no such run."""
        with store_failures():
            document = await self._collection.find_one({"_id": run_id}, {"shop_id": 1})
        return None if document is None else ShopDomain(document["shop_id"])
