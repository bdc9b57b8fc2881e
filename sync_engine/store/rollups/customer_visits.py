"""Reads what customers bought when, one customer after the other, as little of it as possible."""

from decimal import Decimal

from sync_engine.model.kpi.facts import Visit
from sync_engine.store.codec import Document
from sync_engine.store.mongo import Session
from sync_engine.store.scoped import ScopedCollection

_REFUNDS = {
    "$map": {
        "input": {
            "$filter": {
                "input": "$refunds",
                "cond": {"$gt": [{"$size": "$$this.line_items"}, 0]},
            }
        },
        "in": ["$$this.created_at", {"$sum": "$$this.line_items.subtotal"}],
    }
}
_GIVEN_BACK = {"$cond": [{"$eq": ["$refunds", []]}, [], _REFUNDS]}  # most orders have none
_NET_SOLD = {"$toString": "$net_sold"}  # which is read ten times as fast
_VISIT = {"$concatArrays": [["$processed_at", _NET_SOLD, _GIVEN_BACK]]}


class CustomerVisits:
    """The customers of one shop by their ids, as the orders have them."""

    def __init__(self, orders: ScopedCollection, session: Session) -> None:
        """Take the ``orders`` collection as one shop sees it, and what to read it in."""
        self._orders = orders
        self._session = session

    async def after(self, customer: int, *, limit: int) -> tuple[list[list[Visit]], int | None]:
        """Return the visits of each customer behind one, and whose were the last.

        About as many visits as the limit, of whole customers; None: there are no more customers.
        """
        found = await self._grouped({"customer_id": {"$gt": customer}}, limit)
        if sum(len(each["visits"]) for each in found) < limit:
            return [_counted(each) for each in found], None
        if len(found) > 1:  # the last one may have more
            found.pop()
        else:
            found = await self._grouped({"customer_id": found[0]["_id"]}, None)
        return [_counted(each) for each in found], found[-1]["_id"]

    async def _grouped(self, condition: Document, limit: int | None) -> list[Document]:
        stages: list[Document] = [{"$sort": {"customer_id": 1}}]
        if limit is not None:
            stages.append({"$limit": limit})
        stages.append({"$group": {"_id": "$customer_id", "visits": {"$push": _VISIT}}})
        where = {**condition, "test": False}
        found = self._orders.aggregate(stages, where=where, session=self._session)
        return sorted([each async for each in found], key=lambda each: int(each["_id"]))


def _counted(customer: Document) -> list[Visit]:
    return [
        Visit(at, Decimal(net_sold), tuple(map(tuple, returns)))
        for at, net_sold, returns in customer["visits"]
    ]
