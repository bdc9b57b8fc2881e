"""The parts of a shop's archive, as documents: what counts is what stands here."""

from sync_engine.model.archive import ArchivePart
from sync_engine.store.codec import Document, from_document, to_document
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Session
from sync_engine.store.scoped import ScopedCollection


class ArchiveCatalogue:
    """The parts of one shop."""

    def __init__(self, archives: ScopedCollection) -> None:
        """Take the ``archives`` collection as one shop sees it."""
        self._archives = archives

    async def parts(self) -> list[ArchivePart]:
        """Return all parts, in the order of the time that they cover."""
        with store_failures():
            found = self._archives.find({}, sort=[("created_from", 1)])
            return [
                from_document({**document, **document["_id"]}, ArchivePart)
                async for document in found
            ]

    async def save(self, part: ArchivePart, session: Session) -> None:
        """Write a part as it is now."""
        document = to_document(part)
        document["_id"] = self._key(part)
        document["shop_id"] = self._archives.shop
        if await self._archives.find_one({"_id": document["_id"]}, session=session) is None:
            await self._archives.insert_many([document], session=session)
        else:
            await self._archives.replace_by_id([document], session=session)

    async def remove(self, part: ArchivePart, session: Session) -> None:
        """Forget a part."""
        await self._archives.delete_many({"_id": self._key(part)}, session=session)

    def _key(self, part: ArchivePart) -> Document:
        return {"shop_id": self._archives.shop, "month": part.month, "number": part.number}
