"""How much each shop's people use what was synced: operations per shop and day.

Kept here and not as metrics: ten thousand shops would be as many series, in every process.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from sync_engine.model.backlog import Engagement
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.failures import translated
from sync_engine.store.mongo import Mongo
from sync_engine.store.scoped import ScopedCollection


class EngagementRepository:
    """One document per shop and day that has seen an operation; days are UTC's."""

    def __init__(self, mongo: Mongo) -> None:
        """Take the open database."""
        self._collection = mongo.collection("engagement")
        self._shops = mongo.collection("shops")

    @translated
    async def add(self, shop: ShopDomain, day: date, operations: int) -> None:
        """Add operations of a shop on a day; of one that was purged meanwhile nothing is kept.

        Raises:
            StoreUnavailableError: MongoDB is away.
        """
        mine = ScopedCollection(self._collection, shop)
        added = {"$add": [{"$ifNull": ["$operations", 0]}, operations]}
        key = {"shop_id": shop, "day": day.isoformat()}
        changed = {"day": _midnight(day), "operations": added}
        await mine.upsert(key, [{"$set": changed}])
        if await ScopedCollection(self._shops, shop).find_one({}) is None:
            await mine.delete_many({})  # asked last: a purge begins with the shop

    @translated
    async def of_all(self, day: date) -> Engagement:
        """Return how many shops did something on a day, and how much."""
        groups: list[Mapping[str, Any]] = [
            {"$match": {"day": _midnight(day)}},
            {
                "$group": {
                    "_id": None,
                    "shops": {"$sum": 1},
                    "operations": {"$sum": "$operations"},
                }
            },
        ]
        async for found in self._collection.aggregate(groups):
            return Engagement(day=day, shops=found["shops"], operations=found["operations"])
        return Engagement(day=day, shops=0, operations=0)

    @translated
    async def of_shop(self, shop: ShopDomain, *, since: date) -> Engagement:
        """Return how much a shop did from a day on."""
        scoped = ScopedCollection(self._collection, shop)
        found = scoped.find({"day": {"$gte": _midnight(since)}})
        operations = [document["operations"] async for document in found]
        return Engagement(day=since, shops=bool(operations), operations=sum(operations))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
