"""Finds orders that refer to what is not there any more, whatever order the news came in."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from sync_engine.store.codec import Document
from sync_engine.store.failures import store_failures
from sync_engine.store.scoped import ScopedCollection

_LIVE = {"deleted_at": {"$exists": False}}


class LostReferences:
    """The customers, products and variants of one shop, as its orders see them."""

    def __init__(
        self, *, customers: ScopedCollection, products: ScopedCollection, orders: ScopedCollection
    ) -> None:
        """Take the collections as one shop sees them."""
        self._customers = customers
        self._products = products
        self._orders = orders

    async def doubt(self) -> None:
        """Mark such orders as outdated: the comparison that follows reads them anew. Idempotent.

        Holds the ids of the shop's customers, products and variants in memory.
        """
        outdated: list[Mapping[str, Any]] = [{"$set": {"is_outdated": True}}]
        with store_failures():
            for field, wanted in (
                ("customer_id", await self._lost_customers()),
                ("line_items.product_id", await self._lost("product_id", "$_id.id")),
                ("line_items.variant_id", await self._lost("variant_id", "$variants.id")),
            ):
                if wanted:
                    await self._orders.update_many({field: {"$in": wanted}}, outdated)

    async def _lost_customers(self) -> list[int]:
        referred = self._orders.aggregate([{"$group": {"_id": "$customer_id"}}])
        live = self._customers.aggregate([{"$match": _LIVE}, {"$project": {"_id": "$_id.id"}}])
        return sorted(await _ids(referred) - await _ids(live))

    async def _lost(self, name: str, place: str) -> list[int]:
        referred = self._orders.aggregate(
            [{"$unwind": "$line_items"}, {"$group": {"_id": f"$line_items.{name}"}}]
        )
        unwind: list[Document] = [{"$unwind": "$variants"}] if "variants" in place else []
        live = self._products.aggregate([{"$match": _LIVE}, *unwind, {"$project": {"_id": place}}])
        return sorted(await _ids(referred) - await _ids(live))


async def _ids(found: AsyncIterator[Document]) -> set[int]:
    return {document["_id"] async for document in found if document["_id"] is not None}
