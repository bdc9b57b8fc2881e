"""Writes versions of records and their deletions, in any order and any number of times.

The newest version stays whatever order they come in, and what was deleted stays deleted: of a
deleted record a tombstone is kept, so that a late event does not raise it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic

import msgspec
from bson.raw_bson import RawBSONDocument

from sync_engine.model.batch import Batch
from sync_engine.model.records import Order
from sync_engine.model.sync_enums import Resource
from sync_engine.store.codec import Document
from sync_engine.store.mongo import Session
from sync_engine.store.records.kind import FilterT, RecordKind, RecordT, SortT, document_id
from sync_engine.store.records.merge import Verdict, resolve
from sync_engine.store.records.references import OrderReferences
from sync_engine.store.records.refusals import refusals
from sync_engine.store.records.sealed import SealedBatch, seal_document
from sync_engine.store.rollups.facts import known_order
from sync_engine.store.rollups.ledger import OrderLedger
from sync_engine.store.scoped import ScopedCollection


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """How many records a write changed."""

    created: int = 0
    updated: int = 0


class RecordChanges(Generic[RecordT, FilterT, SortT]):
    """The records of one resource of one shop, as something to be changed in a transaction.

    What is raised is for the transaction's owner: RacedError to look again, RefusedError for a
    record that MongoDB does not take, the driver's exceptions for the rest.
    """

    def __init__(
        self,
        kind: RecordKind[RecordT, FilterT, SortT],
        records: ScopedCollection,
        references: OrderReferences,
    ) -> None:
        """Bind a kind of record to a collection that sees one shop only."""
        self._kind = kind
        self._references = references
        self._records = records

    async def put(
        self,
        sealed: SealedBatch[RecordT],
        session: Session,
        ledger: OrderLedger,
        *,
        joined: Mapping[int, RecordT],
        may_lack_children: bool,
    ) -> Written:
        """Write the records of a batch that are newer than what stands.

        Args:
            sealed: the batch.
            session: the transaction.
            ledger: what the rollups are told of the orders among them.
            joined: records of the batch that have grown since they were sealed, by number.
            may_lack_children: whether children of the records may still be to come.
        """
        stored = await self._stored(sealed.records, session)
        if self._kind.resource is Resource.ORDERS:
            whole = {**sealed.records, **joined}
            joined = {**joined, **await self._references.gone.followed(whole, session)}
        fresh: dict[int, RawBSONDocument] = {}
        changed: dict[int, RawBSONDocument] = {}
        for number, sealed_record in sealed.records.items():
            observed_at = sealed.batch.observed(number)
            decision, record = resolve(
                self._kind,
                stored.get(number),
                joined.get(number, sealed_record),
                observed_at,
                may_lack_children=may_lack_children,
                is_reread=sealed.batch.reread,
            )
            if decision is not Verdict.KEEP:
                target = fresh if decision is Verdict.CREATE else changed
                target[number] = (
                    sealed.documents[number]
                    if record is sealed_record
                    else seal_document(self._kind.encode(self._records.shop, record, observed_at))
                )
                if isinstance(record, Order):
                    ledger.note(number, known_order(stored.get(number)), record)
        with refusals(list(fresh)):
            await self._records.insert_sealed(list(fresh.values()), session=session)
        with refusals(list(changed)):
            await self._records.replace_sealed(changed, session=session)
        if changed and self._kind.resource is Resource.PRODUCTS:
            before = {number: stored[number] for number in changed}
            for number, document in before.items():
                product: Any = sealed.records[number]
                ledger.note_title(document.get("title"), product.title)
            await self._forget_variants(before, session)
        return Written(created=len(fresh), updated=len(changed))

    async def bury(self, batch: Batch, session: Session, ledger: OrderLedger) -> int:
        """Leave tombstones for what a batch deletes; returns how many records stood there.

        One that was never stored gets a tombstone as well: its events may come late.
        """
        if not batch.deleted:
            return 0
        keys = [document_id(self._records.shop, number) for number in sorted(set(batch.deleted))]
        standing: dict[int, bool] = {}
        async for document in self._records.find_by_id({"$in": keys}, session=session):
            number = document["_id"]["id"]
            standing[number] = "deleted_at" not in document
            if self._kind.resource is Resource.ORDERS:
                ledger.note(number, known_order(document), None)
        tombstones = {
            number: seal_document(_tombstone(self._records, number, batch.observed(number)))
            for number in batch.deleted
            if standing.get(number, True)
        }
        known = {number: each for number, each in tombstones.items() if number in standing}
        await self._records.replace_sealed(known, session=session)
        fresh = {number: each for number, each in tombstones.items() if number not in standing}
        with refusals(list(fresh)):
            await self._records.insert_sealed(list(fresh.values()), session=session)
        if known and self._kind.resource is Resource.PRODUCTS:
            await self._references.forget_products(known.keys(), session, ledger)
        if known and self._kind.resource is Resource.CUSTOMERS:
            await self._references.doubt_customers(known.keys(), session)
        return len(known)

    async def erase(self, number: int, at: datetime, session: Session) -> None:
        """Leave of a record nothing but that there was one; it need not be stored. Idempotent."""
        key = document_id(self._records.shop, number)
        standing = [found async for found in self._records.find_by_id(key, session=session)]
        if standing and "erased_at" in standing[0]:
            return
        tombstone = seal_document(_tombstone(self._records, number, at) | {"erased_at": at})
        if standing:
            await self._records.replace_sealed({number: tombstone}, session=session)
            return
        with refusals([number]):
            await self._records.insert_sealed([tombstone], session=session)

    async def _forget_variants(self, before: Mapping[int, Document], session: Session) -> None:
        """Follow up on variants that products of these former versions have lost."""
        keys = [document_id(self._records.shop, number) for number in sorted(before)]
        lost: set[int] = set()
        products: list[int] = []
        async for document in self._records.find_by_id({"$in": keys}, session=session):
            number = document["_id"]["id"]
            had = {each["id"] for each in before[number].get("variants", ())}
            gone = had - {each["id"] for each in document["variants"]}
            if gone:
                products.append(number)
                lost |= gone
        if lost:
            await self._references.forget_variants(products, lost, session)

    async def _stored(
        self, numbers: Mapping[int, RecordT], session: Session
    ) -> dict[int, Document]:
        """Return what is stored under these numbers.

        New records come in the order of their ids, so that usually nothing is stored anywhere
        between them: then one seek tells what an exact list would take one each for.
        """
        if not numbers:
            return {}
        keys = [document_id(self._records.shop, number) for number in sorted(numbers)]
        span = {"$gte": keys[0], "$lte": keys[-1]}
        between = self._records.find_by_id(span, limit=1, session=session)
        if not [document async for document in between]:
            return {}
        found = self._records.find_by_id({"$in": keys}, session=session)
        return {document["_id"]["id"]: document async for document in found}


def _tombstone(records: ScopedCollection, number: int, deleted_at: datetime) -> Document:
    return {
        "_id": document_id(records.shop, number),
        "shop_id": records.shop,
        "updated_at": deleted_at,
        "observed_at": deleted_at,
        "deleted_at": deleted_at,
    }
