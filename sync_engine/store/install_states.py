"""The states of installs that have come back from Shopify: each is good once.

The browser's cookie alone cannot promise that: whoever has cookie and callback could send both
again.
"""

import hashlib
from datetime import datetime

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Mongo
from sync_engine.store.scoped import ScopedCollection


class InstallStates:
    """The states of all shops; MongoDB forgets them long after the cookie has."""

    def __init__(self, mongo: Mongo) -> None:
        """Take the open database."""
        self._collection = mongo.collection("install_states")

    async def use(self, shop: ShopDomain, state: str, *, now: datetime) -> bool:
        """Note that a state has come back; False where it had before."""
        digest = hashlib.sha256(state.encode(errors="replace")).hexdigest()
        document = {"_id": {"shop_id": shop, "state": digest}, "shop_id": shop, "used_at": now}
        with store_failures():
            return await ScopedCollection(self._collection, shop).insert_one(document)
