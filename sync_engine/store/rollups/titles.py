"""The titles of products in a report: as they are called now, or were when last sold."""

from collections.abc import Collection

from sync_engine.store.failures import store_failures
from sync_engine.store.records.kind import document_id
from sync_engine.store.scoped import ScopedCollection


class ProductTitles:
    """The titles of one shop's products."""

    def __init__(self, products: ScopedCollection, orders: ScopedCollection) -> None:
        """Take the collections as one shop sees them."""
        self._products = products
        self._orders = orders

    async def of(self, numbers: Collection[int]) -> dict[int, str]:
        """Return the title of each product that is stored or was ever sold."""
        shop = self._products.shop
        keys = [document_id(shop, number) for number in numbers]
        with store_failures():
            found = self._products.find_by_id({"$in": keys}, projection=["title"])
            titles = {
                document["_id"]["id"]: document["title"]
                async for document in found
                if "title" in document
            }
            for number in set(numbers) - titles.keys():
                order = await self._orders.find_one({"line_items.product_id": number})
                for line in () if order is None else order["line_items"]:
                    if line["product_id"] == number:
                        titles[number] = line["title"]
        return titles
