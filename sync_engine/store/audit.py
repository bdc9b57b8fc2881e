"""What was done about people's data and who asked for it; kept, whatever else is erased."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Mongo
from sync_engine.store.scoped import ScopedCollection


class AuditTrail:
    """The entries of all shops; entries hold ids, never names or addresses."""

    def __init__(self, mongo: Mongo) -> None:
        """Take the open database."""
        self._collection = mongo.collection("audit")

    async def add(
        self,
        shop: ShopDomain,
        *,
        entry_id: str,
        what: str,
        at: datetime,
        details: Mapping[str, Any],
    ) -> None:
        """Add an entry; one that the shop has under this id stays as it is."""
        entry = {
            "_id": {"shop_id": shop, "id": entry_id},
            "shop_id": shop,
            "what": what,
            "at": at,
            "details": dict(details),
        }
        with store_failures():
            await ScopedCollection(self._collection, shop).insert_one(entry)
