"""People that were erased for good: what is left of each is a tombstone with a number and dates.

A deletion at Shopify leaves tombstones as well; but where Shopify still shows such a record an hour
later, it comes back. An erased one does not: only a version that was changed after the erasure is
news of a person who came back.
"""

from sync_engine.store.mongo import Session
from sync_engine.store.scoped import ScopedCollection

ERASED = {"erased_at": {"$type": "date"}}
"""What tells them apart; an index holds these alone."""
ERASED_INDEX = (("shop_id", 1), ("erased_at", 1))


class ErasedCustomers:
    """The erased customers of one shop."""

    def __init__(self, customers: ScopedCollection) -> None:
        """Take the ``customers`` collection as one shop sees it."""
        self._customers = customers

    async def numbers(self, session: Session | None = None) -> frozenset[int]:
        """Return the numbers of all; in most shops there is none, which one seek tells."""
        found = self._customers.find(ERASED, projection=["_id"], hint=ERASED_INDEX, session=session)
        return frozenset([document["_id"]["id"] async for document in found])
