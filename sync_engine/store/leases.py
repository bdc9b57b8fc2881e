"""Who works on what until when. Server time decides, so that the machines' clocks do not matter."""

from datetime import UTC, datetime
from typing import NoReturn

import msgspec

from sync_engine.model.clock import Clock
from sync_engine.model.errors import LeaseLostError
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Mongo, Session
from sync_engine.store.scoped import ScopedCollection

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A right that passes with time; ``fence`` grows by one with every new holder.

    ``writer`` is the key of the transactions in which a holder wrote that did not give it back.
    """

    shop: ShopDomain
    name: str
    holder: str
    fence: int
    until: datetime
    writer: str | None = None


class LeaseRepository:
    """Leases by shop and name, such as ``sync`` and ``token``."""

    def __init__(self, mongo: Mongo) -> None:
        """Take the open database."""
        self._collection = mongo.collection("leases")

    async def acquire(
        self, shop: ShopDomain, name: str, *, holder: str, seconds: float
    ) -> Lease | None:
        """Take the lease if nobody holds it; None if somebody does.

        Not re-entrant: the holder itself has to release or outwait its own lease.
        """
        with store_failures():
            lease = await self._take(shop, name, holder, seconds)
            if lease is not None:
                return lease
            if not await self._of(shop).insert_one({"_id": _key(shop, name), "shop_id": shop}):
                return None
            return await self._take(shop, name, holder, seconds)

    async def renew(self, lease: Lease, *, seconds: float) -> bool:
        """Prolong a lease that is still ours, from now on; False where it is lost."""
        with store_failures():
            held = {"_id": _key(lease.shop, lease.name), "fence": lease.fence}
            document = await self._of(lease.shop).find_one_and_update(
                {**held, "holder": lease.holder}, [{"$set": {"until": _in(seconds)}}]
            )
        return document is not None

    async def confirm(self, lease: Lease, session: Session) -> None:
        """Let a transaction fail if somebody else takes the lease before it is committed.

        Raises:
            LeaseLostError: somebody else has it already.
        """
        held = {"_id": _key(lease.shop, lease.name), "fence": lease.fence, "holder": lease.holder}
        confirmed = await self._of(lease.shop).find_one_and_update(
            held, {"$inc": {"confirmed": 1}}, session=session
        )
        if confirmed is None:
            raise _lost(lease)

    async def note_writer(self, lease: Lease, writer: str) -> None:
        """Note the key of the transactions in which the holder writes, for the next holder.

        Raises:
            LeaseLostError: somebody else has it.
        """
        with store_failures():
            held = {"_id": _key(lease.shop, lease.name), "fence": lease.fence}
            document = await self._of(lease.shop).find_one_and_update(
                {**held, "holder": lease.holder}, {"$set": {"writer": writer}}
            )
        if document is None:
            raise _lost(lease)

    async def keep(self, lease: Lease, *, seconds: float, clock: Clock) -> NoReturn:
        """Renew a lease three times in its life, until it is lost.

        Raises:
            LeaseLostError: somebody else has it.
        """
        while True:
            await clock.sleep(seconds / 3)
            if not await self.renew(lease, seconds=seconds):
                raise _lost(lease)

    async def release(self, lease: Lease) -> None:
        """Give the lease up at once; harmless where it is lost already."""
        with store_failures():
            await self._of(lease.shop).find_one_and_update(
                {"_id": _key(lease.shop, lease.name), "fence": lease.fence},
                {"$set": {"until": None, "holder": None, "writer": None}},
            )

    async def release_all(self) -> None:
        """Free every lease; only for a database that no other process can be using."""
        with store_failures():
            await self._collection.update_many({}, {"$set": {"until": None, "holder": None}})

    def _of(self, shop: ShopDomain) -> ScopedCollection:
        return ScopedCollection(self._collection, shop)

    async def _take(self, shop: ShopDomain, name: str, holder: str, seconds: float) -> Lease | None:
        is_free = {"$lt": [{"$ifNull": ["$until", _NEVER]}, "$$NOW"]}
        taken = {
            "holder": holder,
            "fence": {"$add": [{"$ifNull": ["$fence", 0]}, 1]},
            "until": _in(seconds),
        }
        document = await self._of(shop).find_one_and_update(
            {"_id": _key(shop, name), "$expr": is_free}, [{"$set": taken}]
        )
        if document is None:
            return None
        return Lease(
            shop=shop,
            name=name,
            holder=holder,
            fence=document["fence"],
            until=document["until"],
            writer=document.get("writer"),
        )


def _lost(lease: Lease) -> LeaseLostError:
    return LeaseLostError(f"the lease {lease.name} of {lease.shop} was lost")


def _key(shop: ShopDomain, name: str) -> dict[str, str]:
    return {"shop_id": shop, "name": name}


def _in(seconds: float) -> dict[str, object]:
    return {"$add": ["$$NOW", round(seconds * 1000)]}
