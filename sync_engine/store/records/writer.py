"""Writes a batch of records with its checkpoint: all of it or nothing, however often it is tried.

One transaction holds the records, the quarantine, the counters and the place where to go on. A
process may die at any instruction: what a checkpoint says has been read has been written, once.
"""

from typing import Generic

import msgspec

from sync_engine.model.batch import Batch
from sync_engine.model.errors import StoreUnavailableError
from sync_engine.model.run import Advance, Run, WriteCounts
from sync_engine.model.sync_enums import Resource
from sync_engine.store.mongo import Session, Transactions
from sync_engine.store.pending_children import PendingChildren
from sync_engine.store.records.changes import RecordChanges, Written
from sync_engine.store.records.kind import FilterT, RecordKind, RecordT, SortT
from sync_engine.store.records.late_children import LateChildren
from sync_engine.store.records.references import OrderReferences
from sync_engine.store.records.refusals import RacedError, RefusedError
from sync_engine.store.records.sealed import SealedBatch, seal_batch
from sync_engine.store.rollups.ledger import OrderLedger
from sync_engine.store.rollups.writer import RollupWriter
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
        references: OrderReferences,
        runs: RunRepository,
        errors: SyncErrorRepository,
        pending: PendingChildren,
        rollups: RollupWriter,
    ) -> None:
        """Take what the transaction touches; all of it belongs to the same shop."""
        self._transactions = transactions
        self._rollups = rollups
        self._kind = kind
        self._shop = records.shop
        self._changes = RecordChanges(kind, records, references)
        self._runs = runs
        self._errors = errors
        self._late: LateChildren[RecordT, FilterT, SortT] | None = None
        if kind.children is not None:
            self._late = LateChildren(kind, kind.children, records, pending, references)

    async def seal(self, batch: Batch) -> SealedBatch[RecordT]:
        """Encode a batch for ``commit``; may go on while another batch is being committed."""
        return await seal_batch(self._kind, self._shop, batch)

    async def commit(self, run: Run, sealed: SealedBatch[RecordT], step: Advance) -> Run:
        """Write the batch, move the stage on by the step, return the run as it then stands.

        The counters and messages of the batch are added to the step's. A record that MongoDB
        refuses goes to the quarantine and the others are written.

        Raises:
            LeaseLostError: another worker holds the shop; nothing was written.
            StoreUnavailableError: nothing was written; the same batch can be tried again.
        """

        async def attempt(session: Session) -> tuple[Run, OrderLedger]:
            ledger = self._rollups.ledger(session)
            return await self._attempt(session, ledger, run, sealed, step), ledger

        races = 0
        self._rollups.committing()
        while True:
            try:
                after, ledger = await self._transactions.atomically(attempt)
            except RefusedError as refused:
                sealed.reject(refused.number, refused.reason)
            except RacedError as raced:
                races += 1
                if races > _RACES_BEFORE_GIVING_UP:
                    raise StoreUnavailableError("others keep inserting the same records") from raced
            else:
                await self._rollups.committed(ledger)
                return after

    async def _attempt(
        self,
        session: Session,
        ledger: OrderLedger,
        run: Run,
        sealed: SealedBatch[RecordT],
        step: Advance,
    ) -> Run:
        batch, export_id = sealed.batch, sealed.batch.export_id
        joined: dict[int, RecordT] = {}
        if self._kind.resource is Resource.ORDERS:
            await ledger.lock()
        if self._late is not None and export_id is not None:
            joined = await self._late.join_waiting(export_id, sealed.records, session)
        written = await self._changes.put(
            sealed, session, ledger, joined=joined, may_lack_children=export_id is not None
        )
        deleted = await self._changes.bury(batch, session, ledger)
        stage = run.stage(self._kind.resource)
        change = step.change
        if deleted and stage.total is not None:  # Shopify's count has not what Shopify has not
            change = msgspec.structs.replace(change, total=stage.total + deleted)
        step = msgspec.structs.replace(
            step,
            change=change,
            counts=step.counts + _counts(sealed, written, deleted, stage.counts),
            messages=(*step.messages, *(reject.message for reject in sealed.rejects)),
        )
        after = await self._runs.advance(run, self._kind.resource, step, session=session)
        if self._late is not None and export_id is not None and batch.loose_children:
            await self._late.place(
                export_id, batch.loose_children, batch.observed_at, session, ledger
            )
        await ledger.settle()
        await self._errors.add(
            sealed.rejects,
            run_id=run.id,
            resource=self._kind.resource,
            now=step.now,
            session=session,
        )
        return after


def _counts(
    sealed: SealedBatch[RecordT], written: Written, deleted: int, before: WriteCounts
) -> WriteCounts:
    source = sealed.batch
    if not source.is_counted:
        return WriteCounts()
    failed = sum(reject.is_record for reject in sealed.rejects)
    unreadable = sum(reject.is_record for reject in source.rejects)
    gone = source.vanished_count + deleted
    processed = len(source.records) + unreadable + gone + source.unchanged_count
    unchanged = processed - written.created - written.updated - failed - gone
    return WriteCounts(
        processed=processed,
        created=written.created,
        updated=written.updated,
        unchanged=unchanged - min(unchanged, before.counted_before),
        deleted=gone,
        failed=failed,
    )
