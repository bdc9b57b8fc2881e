"""The books of what Shopify allows for a shop, common to all processes that ask it.

What stands in them is their writers' business. A write counts only if nobody else has written
since they were read, and the time is MongoDB's, so that the machines' clocks do not matter.
"""

from typing import Any

from pymongo.write_concern import WriteConcern

from sync_engine.model.books import Books
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Mongo
from sync_engine.store.scoped import ScopedCollection

_ON_ONE_NODE = WriteConcern(1)  # what a failover loses, Shopify's next answers tell


class BudgetBooks:
    """The books of one shop's bucket at one API."""

    def __init__(self, mongo: Mongo, shop: ShopDomain, api: str) -> None:
        """Take the open database; nothing is written before ``write``."""
        collection = mongo.collection("budgets").with_options(write_concern=_ON_ONE_NODE)
        self._collection = ScopedCollection(collection, shop)
        self._shops = ScopedCollection(mongo.collection("shops"), shop)
        self._mongo = mongo
        self._key = {"shop_id": shop, "api": api}

    async def read(self) -> Books:
        """Return the books; new ones where there are none.

        Raises:
            StoreUnavailableError: MongoDB does not answer.
        """
        with store_failures():
            async for found in self._collection.aggregate(
                [{"$match": {"_id": self._key}}, {"$set": {"now": "$$NOW"}}]
            ):
                return Books(found["content"], found["version"], found["now"].timestamp())
            return Books(None, 0, (await self._mongo.time()).timestamp())

    async def write(self, content: dict[str, Any], *, version: int) -> bool:
        """Replace the books that were read as this version; False where somebody was quicker.

        A shop that is not stored, or no more, has no books: nobody else asks it.

        Raises:
            StoreUnavailableError: MongoDB does not answer, and may have written them or not.
        """
        written = {"content": content, "version": version + 1}
        with store_failures():
            if version == 0:
                owned = {"_id": self._key, "shop_id": self._collection.shop}
                is_first = await self._collection.insert_one({**owned, **written})
                if await self._shops.find_one({}) is None:  # asked last: a purge begins with it
                    await self._collection.delete_many({"_id": self._key})
                    return True
                return is_first
            document = await self._collection.find_one_and_update(
                {"_id": self._key, "version": version}, {"$set": written}
            )
        return document is not None
