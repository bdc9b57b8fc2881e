"""Which orders may move to the archive, and which have."""

from datetime import datetime

from sync_engine.model.archive import ArchivePart, StoredOrder
from sync_engine.store.codec import Document
from sync_engine.store.failures import store_failures
from sync_engine.store.layout import ID
from sync_engine.store.records.orders import ORDERS
from sync_engine.store.records.stubs import ARCHIVED, Stub, read_stub
from sync_engine.store.scoped import ScopedCollection

_CREATED = "created_at"


class ArchivableOrders:
    """The orders of one shop by the time of their creation."""

    def __init__(self, orders: ScopedCollection) -> None:
        """Take the ``orders`` collection as one shop sees it."""
        self._orders = orders

    async def oldest(self, *, since: datetime, before: datetime) -> datetime | None:
        """Return when the first order in [since, before) that has not moved was created."""
        times = await self.times(since=since, before=before, limit=1)
        return times[0] if times else None

    async def times(self, *, since: datetime, before: datetime, limit: int) -> list[datetime]:
        """Return when the first of the orders in [since, before) that have not moved were made."""
        with store_failures():
            found = self._orders.find(
                {_CREATED: {"$gte": since, "$lt": before}},
                projection=[_CREATED],
                sort=[(_CREATED, 1), (ID, 1)],
                limit=limit,
            )
            return [document[_CREATED] async for document in found]

    async def whole(self, *, since: datetime, before: datetime) -> list[StoredOrder]:
        """Return the orders in [since, before) that have not moved, oldest first."""
        with store_failures():
            found = self._orders.find(
                {_CREATED: {"$gte": since, "$lt": before}},
                sort=[(_CREATED, 1), (ID, 1)],
            )
            return [
                StoredOrder(order=ORDERS.decode(each), observed_at=each["observed_at"])
                async for each in found
            ]

    async def stubs(self, part: ArchivePart) -> dict[int, Stub]:
        """Return what the orders of a part have left that have moved, by number."""
        created = {"$gte": part.created_from, "$lt": part.created_until}
        fields: list[str] = [ARCHIVED, "customer_id", "line_items"]
        with store_failures():
            found = self._orders.find({f"{ARCHIVED}.{_CREATED}": created}, projection=fields)
            stubs = [read_stub(document) async for document in found]
        return {stub.number: stub for stub in stubs}

    async def count_stubs(self, part: ArchivePart) -> int:
        """Count the orders of a part that have moved."""
        condition: Document = {"$gte": part.created_from, "$lt": part.created_until}
        with store_failures():
            return await self._orders.count({f"{ARCHIVED}.{_CREATED}": condition})
