"""What orders may refer to no more: deleted products, customers who were erased or became others.

Orders that stand stored are changed when their customer or product goes. Others come later as they
were before: from an export that was begun earlier, or by a webhook that was held up. They are
written as Shopify shows them from then on.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from sync_engine.model.records import Order
from sync_engine.model.shop_change import Merger
from sync_engine.store.codec import Document
from sync_engine.store.mongo import Session
from sync_engine.store.records.kind import document_id
from sync_engine.store.scoped import ScopedCollection

GONE = {"deleted_at": {"$type": "date"}}
"""What tells tombstones from records; an index holds these alone."""
_INDEX = (("shop_id", 1), ("_id.id", 1))


class GoneReferences:
    """The customers and products of one shop that are gone. Works inside a transaction only."""

    def __init__(self, customers: ScopedCollection, products: ScopedCollection) -> None:
        """Take the collections as one shop sees them."""
        self._customers = customers
        self._products = products

    async def followed(self, orders: Mapping[int, Any], session: Session) -> dict[int, Any]:
        """Return those of the orders that refer to what is gone, as they are without it."""
        customers = {each.customer_id for each in orders.values()}
        heirs = await self.heirs((each for each in customers if each is not None), session)
        products = {line.product_id for each in orders.values() for line in each.line_items}
        wanted = [each for each in products if each is not None]
        gone = await self._tombstones(self._products, wanted, session)
        if not heirs and not gone:
            return {}
        followed = {
            number: _followed(order, heirs, gone.keys()) for number, order in orders.items()
        }
        return {number: each for number, each in followed.items() if each is not orders[number]}

    async def heirs(
        self, customers: Iterable[int], session: Session, mergers: Collection[Merger] = ()
    ) -> dict[int, int | None]:
        """Return to whom the orders of customers belong who are gone; to nobody: None.

        Those of ``mergers``, which are still to be noted, are among them. Of customers who were
        only deleted nobody knows it.
        """
        next_one: dict[int, int | None] = {each.removed: each.kept for each in mergers}
        wanted = {*customers, *(each.kept for each in mergers)} - next_one.keys()
        while wanted:
            found = await self._tombstones(self._customers, wanted, session)
            heirs = {
                number: None if "erased_at" in tombstone else tombstone["merged_into"]
                for number, tombstone in found.items()
                if "erased_at" in tombstone or "merged_into" in tombstone
            }
            next_one |= heirs
            wanted = {heir for heir in heirs.values() if heir is not None} - next_one.keys()
        return {number: _last(number, next_one) for number in next_one}

    async def note(self, mergers: Collection[Merger], session: Session) -> None:
        """Note at the tombstones of customers who they are now."""
        shop = self._customers.shop
        await self._customers.update_by_id(
            [
                (document_id(shop, each.removed), [{"$set": {"merged_into": each.kept}}])
                for each in mergers
            ],
            session=session,
        )

    async def _tombstones(
        self, records: ScopedCollection, numbers: Collection[int], session: Session
    ) -> dict[int, Document]:
        """Return the tombstones under these numbers; mostly there is none, as one seek tells."""
        if not numbers:
            return {}
        span = {**GONE, "_id.id": {"$gte": min(numbers), "$lte": max(numbers)}}
        between = records.find(span, projection=["_id"], limit=1, hint=_INDEX, session=session)
        if not [document async for document in between]:
            return {}
        exactly = {**GONE, "_id.id": {"$in": list(numbers)}}
        found = records.find(exactly, hint=_INDEX, session=session)
        return {document["_id"]["id"]: document async for document in found}


def _last(customer: int, next_one: Mapping[int, int | None]) -> int | None:
    """Return whom a customer has become in the end."""
    last: int | None = customer
    for _ in next_one:  # a circle, which Shopify cannot have meant, ends as well
        last = next_one.get(last, last) if last is not None else None
    return last


def _followed(order: Order, heirs: Mapping[int, int | None], products: Collection[int]) -> Order:
    if order.customer_id is not None and order.customer_id in heirs:
        order = msgspec.structs.replace(order, customer_id=heirs[order.customer_id])
    if any(line.product_id in products for line in order.line_items):
        lines = tuple(
            msgspec.structs.replace(line, product_id=None, variant_id=None)
            if line.product_id in products
            else line
            for line in order.line_items
        )
        order = msgspec.structs.replace(order, line_items=lines)
    return order
