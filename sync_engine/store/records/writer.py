"""Writes a batch of records with its checkpoint: all of it or nothing, however often it is tried.

One transaction holds the records, the quarantine, the counters and the place where to go on. A
process may die at any instruction: what a checkpoint says has been read has been written, once.
"""

from typing import Generic

import msgspec
from bson.raw_bson import RawBSONDocument

from sync_engine.model.batch import Batch
from sync_engine.model.errors import StoreUnavailableError
from sync_engine.model.run import Advance, Run, WriteCounts
from sync_engine.store.codec import Document
from sync_engine.store.mongo import Session, Transactions
from sync_engine.store.pending_children import PendingChildren
from sync_engine.store.records.kind import FilterT, RecordKind, RecordT, SortT, document_id
from sync_engine.store.records.late_children import LateChildren
from sync_engine.store.records.merge import Verdict, resolve
from sync_engine.store.records.refusals import RacedError, RefusedError, refusals
from sync_engine.store.records.sealed import SealedBatch, seal_batch, seal_document
from sync_engine.store.runs import RunRepository
from sync_engine.store.scoped import ScopedCollection
from sync_engine.store.sync_errors import SyncErrorRepository

_RACES_BEFORE_GIVING_UP = 5


class BatchWriter(Generic[RecordT, FilterT, SortT]):
    """The one way into the records of a resource of a shop."""

    def __init__(
        self,
        transactions: Transactions,
        kind: RecordKind[RecordT, FilterT, SortT],
        *,
        records: ScopedCollection,
        runs: RunRepository,
        errors: SyncErrorRepository,
        pending: PendingChildren,
    ) -> None:
        """Take what the transaction touches; all of it belongs to the same shop."""
        self._transactions = transactions
        self._kind = kind
        self._records = records
        self._runs = runs
        self._errors = errors
        self._late: LateChildren[RecordT, FilterT, SortT] | None = None
        if kind.children is not None:
            self._late = LateChildren(kind, kind.children, records, pending)

    async def seal(self, batch: Batch) -> SealedBatch[RecordT]:
        """Encode a batch for ``commit``; may go on while another batch is being committed."""
        return await seal_batch(self._kind, self._records.shop, batch)

    async def commit(self, run: Run, sealed: SealedBatch[RecordT], step: Advance) -> Run:
        """Write the batch, move the stage on by the step, return the run as it then stands.

        The counters and messages of the batch are added to the step's. A record that MongoDB
        refuses goes to the quarantine and the others are written.

        Raises:
            LeaseLostError: another worker holds the shop; nothing was written.
            StoreUnavailableError: nothing was written; the same batch can be tried again.
        """

        async def attempt(session: Session) -> Run:
            return await self._attempt(session, run, sealed, step)

        races = 0
        while True:
            try:
                return await self._transactions.atomically(attempt)
            except RefusedError as refused:
                sealed.reject(refused.number, refused.reason)
            except RacedError as raced:
                races += 1
                if races > _RACES_BEFORE_GIVING_UP:
                    raise StoreUnavailableError("others keep inserting the same records") from raced

    async def _attempt(
        self, session: Session, run: Run, sealed: SealedBatch[RecordT], step: Advance
    ) -> Run:
        batch, export_id = sealed.batch, sealed.batch.export_id
        joined: dict[int, RecordT] = {}
        if self._late is not None and export_id is not None:
            joined = await self._late.join_waiting(export_id, sealed.records, session)
        stored = await self._stored(sealed.records, session)
        fresh: dict[int, RawBSONDocument] = {}
        changed: dict[int, RawBSONDocument] = {}
        for number, sealed_record in sealed.records.items():
            decision, record = resolve(
                self._kind,
                stored.get(number),
                joined.get(number, sealed_record),
                batch.observed_at,
                may_lack_children=export_id is not None,
            )
            if decision is not Verdict.KEEP:
                target = fresh if decision is Verdict.CREATE else changed
                target[number] = (
                    sealed.documents[number]
                    if record is sealed_record
                    else seal_document(
                        self._kind.encode(self._records.shop, record, batch.observed_at)
                    )
                )
        step = msgspec.structs.replace(
            step,
            counts=step.counts + _counts(sealed, created=len(fresh), updated=len(changed)),
            messages=(*step.messages, *(reject.message for reject in sealed.rejects)),
        )
        after = await self._runs.advance(run, self._kind.resource, step, session=session)
        with refusals(list(fresh)):
            await self._records.insert_sealed(list(fresh.values()), session=session)
        with refusals(list(changed)):
            await self._records.replace_sealed(changed, session=session)
        if self._late is not None and export_id is not None and batch.loose_children:
            await self._late.place(export_id, batch.loose_children, batch.observed_at, session)
        await self._errors.add(
            sealed.rejects,
            run_id=run.id,
            resource=self._kind.resource,
            now=step.now,
            session=session,
        )
        return after

    async def _stored(self, numbers: dict[int, RecordT], session: Session) -> dict[int, Document]:
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


def _counts(sealed: SealedBatch[RecordT], *, created: int, updated: int) -> WriteCounts:
    source, vanished = sealed.batch, sealed.batch.vanished_count
    failed = sum(reject.is_record for reject in sealed.rejects)
    unreadable = sum(reject.is_record for reject in source.rejects)
    processed = len(source.records) + unreadable + vanished
    return WriteCounts(
        processed=processed,
        created=created,
        updated=updated,
        unchanged=processed - created - updated - failed - vanished,
        deleted=vanished,
        failed=failed,
    )
