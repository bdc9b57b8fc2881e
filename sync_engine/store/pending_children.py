"""Children of a bulk export that were read before their parents; they survive a crash here."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sync_engine.model.batch import LooseChild
from sync_engine.store.codec import Document, to_document
from sync_engine.store.mongo import Session
from sync_engine.store.scoped import ScopedCollection


class PendingChildren:
    """Waiting children of one shop. Raises the driver's errors, as inside a transaction."""

    def __init__(self, collection: ScopedCollection) -> None:
        """Take the ``pending_children`` collection as one shop sees it."""
        self._collection = collection

    async def put(self, export_id: str, children: Sequence[LooseChild], session: Session) -> None:
        """Keep children until their parents come."""
        await self._collection.insert_many(
            [
                {
                    "shop_id": self._collection.shop,
                    "export_id": export_id,
                    "parent_id": loose.parent_id,
                    "child": to_document(loose.child),
                }
                for loose in children
            ],
            session=session,
        )

    async def take(
        self, export_id: str, parent_ids: Collection[int], session: Session
    ) -> dict[int, list[Document]]:
        """Remove and return what waits for these parents, as documents by parent.

        Asks for the range that the parents span: they come in the order of their ids, so it is one
        seek where an exact list would be one for each.
        """
        if not parent_ids:
            return {}
        span = {"$gte": min(parent_ids), "$lte": max(parent_ids)}
        found = self._collection.find({"export_id": export_id, "parent_id": span}, session=session)
        taken: defaultdict[int, list[Document]] = defaultdict(list)
        keys = []
        async for document in found:
            if document["parent_id"] in parent_ids:
                taken[document["parent_id"]].append(document["child"])
                keys.append(document["_id"])
        if keys:
            await self._collection.delete_many({"_id": {"$in": keys}}, session=session)
        return taken

    async def has_any(self, export_id: str, session: Session) -> bool:
        """Whether any child of the export waits."""
        return (
            await self._collection.find_one({"export_id": export_id}, session=session) is not None
        )

    async def behind(self, export_id: str, parent_id: int, limit: int) -> list[Document]:
        """Return about ``limit`` children of parents behind one, those of the last parent whole."""
        beyond = {"export_id": export_id, "parent_id": {"$gt": parent_id}}
        found = self._collection.find(beyond, sort=[("parent_id", 1)], limit=limit)
        documents = [document async for document in found]
        if len(documents) < limit:
            return documents
        last = documents[-1]["parent_id"]
        whole = self._collection.find({"export_id": export_id, "parent_id": last})
        others = [each for each in documents if each["parent_id"] != last]
        return others + [document async for document in whole]

    async def take_any(self, export_id: str, limit: int, session: Session) -> list[Document]:
        """Remove and return up to ``limit`` children, with their parents' ids, of an export."""
        found = self._collection.find({"export_id": export_id}, limit=limit, session=session)
        documents = [document async for document in found]
        await self._collection.delete_many(
            {"_id": {"$in": [document["_id"] for document in documents]}}, session=session
        )
        return documents

    async def discard(self, export_id: str, session: Session) -> None:
        """Forget what waits in an export that was given up."""
        await self._collection.delete_many({"export_id": export_id}, session=session)
