"""A collection as one shop sees it: the shop is in every filter and write, by construction."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo import ReplaceOne, UpdateOne
from pymongo.errors import DuplicateKeyError

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.codec import Document
from sync_engine.store.mongo import Collection, Session

Filter = Mapping[str, Any]
Sort = Sequence[tuple[str, int]]

_ONE_ANSWER = 10_000  # documents; MongoDB begins another answer only after 16 MB


class ScopedCollection:
    """The only way to a collection that holds shops' data. Raises the driver's own exceptions."""

    def __init__(self, collection: Collection, shop: ShopDomain) -> None:
        """Bind a collection to the one shop that this object can see."""
        self._collection = collection
        self._shop = shop

    @property
    def shop(self) -> ShopDomain:
        """The shop that every operation is confined to."""
        return self._shop

    def _within(self, condition: Filter) -> Document:
        return {**condition, "shop_id": self._shop}

    def _owned(self, document: Document) -> Document:
        if document.get("shop_id") != self._shop:
            message = "a document of another shop, or of none, cannot be written here"
            raise ValueError(message)
        return document

    def find(
        self,
        condition: Filter,
        *,
        projection: Sequence[str] | None = None,
        sort: Sort | None = None,
        limit: int = 0,
        hint: Sort | None = None,
        session: Session | None = None,
    ) -> AsyncIterator[Document]:
        """Return a cursor over what matches; ``hint`` names the index to use."""
        cursor = self._collection.find(
            self._within(condition), projection, limit=limit, session=session
        )
        if hint is not None:
            cursor = cursor.hint(list(hint))
        return cursor.sort(list(sort)) if sort else cursor

    def find_by_id(
        self,
        condition: Filter,
        *,
        projection: Sequence[str] | None = None,
        limit: int = 0,
        session: Session | None = None,
    ) -> AsyncIterator[Document]:
        """Return a cursor over a condition on ``_id``, in its order, by its index."""
        cursor = self._collection.find(
            self._within({"_id": condition}), projection, limit=limit, session=session
        )
        return cursor.hint([("_id", 1)]).sort([("_id", 1)])

    async def read_by_id(
        self, conditions: Sequence[Filter], projection: Mapping[str, Any]
    ) -> list[Document]:
        """Return what one of some conditions on ``_id`` is true of, all in one answer."""
        within = self._within({"$or": [{"_id": condition} for condition in conditions]})
        cursor = self._collection.find(within, projection, batch_size=_ONE_ANSWER)
        return await cursor.hint([("_id", 1)]).to_list(None)

    async def find_one(
        self, condition: Filter, *, sort: Sort | None = None, session: Session | None = None
    ) -> Document | None:
        """Return the first document that matches, if any."""
        return await self._collection.find_one(
            self._within(condition), sort=list(sort) if sort else None, session=session
        )

    def aggregate(
        self,
        stages: Sequence[Mapping[str, Any]],
        *,
        where: Filter | None = None,
        is_by_id: bool = False,
        session: Session | None = None,
    ) -> AsyncIterator[Document]:
        """Return a cursor over what a pipeline makes of those documents that match."""
        options: Document = {"hint": {"_id": 1}} if is_by_id else {}
        match = {"$match": self._within(where or {})}
        return self._collection.aggregate([match, *stages], session=session, **options)

    async def count(
        self, condition: Filter, *, limit: int | None = None, session: Session | None = None
    ) -> int:
        """Count what matches, up to the limit."""
        options = {} if limit is None else {"limit": limit}
        return await self._collection.count_documents(
            self._within(condition), session=session, **options
        )

    async def insert_one(self, document: Document) -> bool:
        """Insert a document of this shop; False where its key, or a unique value, is taken."""
        try:
            await self._collection.insert_one(self._owned(document))
        except DuplicateKeyError:
            return False
        return True

    async def insert_many(
        self, documents: Sequence[Document], *, session: Session | None = None
    ) -> None:
        """Insert documents of this shop; an empty sequence is nothing to do."""
        if documents:
            owned = [self._owned(document) for document in documents]
            await self._collection.insert_many(owned, ordered=False, session=session)

    async def insert_sealed(
        self, documents: Sequence[RawBSONDocument], *, session: Session | None = None
    ) -> None:
        """Insert documents that were encoded before, under this shop."""
        if documents:
            await self._collection.insert_many(documents, ordered=False, session=session)

    async def replace_sealed(
        self,
        documents: Mapping[int, RawBSONDocument],
        *,
        session: Session | None = None,
    ) -> None:
        """Replace documents of this shop, keyed by Shopify's numbers; none is inserted."""
        if documents:
            await self._collection.bulk_write(
                [
                    ReplaceOne(
                        self._within({"_id": {"shop_id": self._shop, "id": number}}), document
                    )
                    for number, document in documents.items()
                ],
                ordered=False,
                session=session,
            )

    async def replace_by_id(
        self, documents: Sequence[Document], *, session: Session | None = None
    ) -> None:
        """Replace documents of this shop, each by its own key; none is inserted."""
        if documents:
            replacements = [
                ReplaceOne(self._within({"_id": document["_id"]}), self._owned(document))
                for document in documents
            ]
            await self._collection.bulk_write(replacements, ordered=False, session=session)

    async def find_one_and_update(
        self,
        condition: Filter,
        update: Mapping[str, Any] | list[Mapping[str, Any]],
        *,
        sort: Sort | None = None,
        session: Session | None = None,
    ) -> Document | None:
        """Update the first document that matches and return it as it is afterwards."""
        return await self._collection.find_one_and_update(
            self._within(condition),
            update,
            sort=list(sort) if sort else None,
            return_document=True,
            session=session,
        )

    async def update_by_id(
        self,
        updates: Sequence[tuple[Document, list[Mapping[str, Any]]]],
        *,
        session: Session | None = None,
    ) -> None:
        """Update documents of this shop, each by its key and a pipeline; none is inserted."""
        if updates:
            await self._collection.bulk_write(
                [UpdateOne(self._within({"_id": key}), update) for key, update in updates],
                ordered=False,
                session=session,
            )

    async def update_many(
        self,
        condition: Filter,
        update: list[Mapping[str, Any]],
        *,
        session: Session | None = None,
    ) -> None:
        """Update all that matches by a pipeline."""
        await self._collection.update_many(self._within(condition), update, session=session)

    async def upsert(self, key: Document, update: list[Mapping[str, Any]]) -> None:
        """Update the document of this key by a pipeline; one that is not there begins empty."""
        owned = [*update, {"$set": {"shop_id": self._shop}}]
        await self._collection.update_one({"_id": key}, owned, upsert=True)

    async def delete_many(self, condition: Filter, *, session: Session | None = None) -> int:
        """Delete what matches and return how much that was."""
        result = await self._collection.delete_many(self._within(condition), session=session)
        return result.deleted_count
