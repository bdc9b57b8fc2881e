"""Writes a batch of records with its checkpoint: all of it or nothing, however often it is tried.

One transaction holds the records, the quarantine, the counters and the place where to go on. A
process may die at any instruction: what a checkpoint says has been read has been written, once.
"""

from collections import defaultdict
from typing import Generic

import msgspec

from sync_engine.model.batch import Batch, LooseChild, Reject
from sync_engine.model.errors import StoreUnavailableError
from sync_engine.model.gid import Gid
from sync_engine.model.run import Advance, Run, WriteCounts
from sync_engine.model.sync_enums import SyncErrorCode
from sync_engine.store.codec import Document
from sync_engine.store.mongo import Mongo, Session
from sync_engine.store.pending_children import PendingChildren
from sync_engine.store.records.kind import (
    ChildList,
    FilterT,
    RecordKind,
    RecordT,
    SortT,
    document_id,
)
from sync_engine.store.records.merge import Verdict, verdict
from sync_engine.store.records.refusals import RacedError, RefusedError, refusals
from sync_engine.store.runs import RunRepository
from sync_engine.store.scoped import ScopedCollection
from sync_engine.store.sync_errors import SyncErrorRepository

_RACES_BEFORE_GIVING_UP = 5


class BatchWriter(Generic[RecordT, FilterT, SortT]):
    """The one way into the records of a resource of a shop."""

    def __init__(
        self,
        mongo: Mongo,
        kind: RecordKind[RecordT, FilterT, SortT],
        *,
        records: ScopedCollection,
        runs: RunRepository,
        errors: SyncErrorRepository,
        pending: PendingChildren,
    ) -> None:
        """Take what the transaction touches; all of it belongs to the same shop."""
        self._mongo = mongo
        self._kind = kind
        self._records = records
        self._runs = runs
        self._errors = errors
        self._pending = pending

    async def commit(self, run: Run, batch: Batch, step: Advance) -> Run:
        """Write the batch, move the stage on by the step, return the run as it then stands.

        The counters and messages of the batch are added to the step's. A record that MongoDB
        refuses goes to the quarantine and the others are written.

        Raises:
            LeaseLostError: another worker holds the shop; nothing was written.
            StoreUnavailableError: nothing was written; the same batch can be tried again.
        """
        races = 0
        while True:
            unchanging = batch  # what this round works on, whatever the next one will

            async def attempt(session: Session, batch: Batch = unchanging) -> Run:
                return await self._attempt(session, run, batch, step)

            try:
                return await self._mongo.atomically(attempt)
            except RefusedError as refused:
                batch = self._without(batch, refused)
            except RacedError as raced:
                races += 1
                if races > _RACES_BEFORE_GIVING_UP:
                    message = "other writers keep inserting the same records"
                    raise StoreUnavailableError(message) from raced

    async def _attempt(self, session: Session, run: Run, batch: Batch, step: Advance) -> Run:
        records = self._newest(batch)
        if batch.export_id is not None and self._kind.children is not None:
            await self._join_waiting(batch.export_id, records, self._kind.children, session)
        stored = await self._stored(records, session)
        fresh: list[Document] = []
        changed: list[Document] = []
        for number, record in records.items():
            decision = verdict(self._kind, stored.get(number), record, batch.observed_at)
            if decision is not Verdict.KEEP:
                target = fresh if decision is Verdict.CREATE else changed
                target.append(self._kind.encode(self._records.shop, record, batch.observed_at))
        failed = sum(reject.is_record for reject in batch.rejects)
        processed = len(batch.records) + failed + batch.vanished_count
        counts = WriteCounts(
            processed=processed,
            created=len(fresh),
            updated=len(changed),
            unchanged=processed - len(fresh) - len(changed) - failed - batch.vanished_count,
            deleted=batch.vanished_count,
            failed=failed,
        )
        step = msgspec.structs.replace(
            step,
            counts=step.counts + counts,
            messages=(*step.messages, *(reject.message for reject in batch.rejects)),
        )
        after = await self._runs.advance(run, self._kind.resource, step, session=session)
        with refusals(fresh):
            await self._records.insert_many(fresh, session=session)
        with refusals(changed):
            await self._records.replace_many(changed, session=session)
        if batch.loose_children and batch.export_id is not None and self._kind.children is not None:
            await self._place_loose(batch, batch.export_id, self._kind.children, session)
        await self._errors.add(
            batch.rejects,
            run_id=run.id,
            resource=self._kind.resource,
            now=step.now,
            session=session,
        )
        return after

    def _newest(self, batch: Batch) -> dict[int, RecordT]:
        newest: dict[int, RecordT] = {}
        for record in batch.records:
            if not isinstance(record, self._kind.record_type):
                message = f"a {type(record).__name__} among {self._kind.resource}"
                raise TypeError(message)
            known = newest.get(record.id)
            if known is None or record.updated_at >= known.updated_at:
                newest[record.id] = record
        return newest

    async def _stored(self, numbers: dict[int, RecordT], session: Session) -> dict[int, Document]:
        keys = [document_id(self._records.shop, number) for number in numbers]
        found = self._records.find({"_id": {"$in": keys}}, session=session)
        return {document["_id"]["id"]: document async for document in found}

    async def _join_waiting(
        self,
        export_id: str,
        records: dict[int, RecordT],
        children: ChildList,
        session: Session,
    ) -> None:
        """Give records the children that were read before them."""
        waiting = await self._pending.take(export_id, records.keys(), session)
        for parent_id, documents in waiting.items():
            found = [children.decode(document) for document in documents]
            records[parent_id] = children.merge(records[parent_id], found)

    async def _place_loose(
        self, batch: Batch, export_id: str, children: ChildList, session: Session
    ) -> None:
        """Give children to parents that stand written, and let the others wait for theirs."""
        by_parent: defaultdict[int, list[LooseChild]] = defaultdict(list)
        for loose in batch.loose_children:
            by_parent[loose.parent_id].append(loose)
        keys = [document_id(self._records.shop, number) for number in by_parent]
        amended: list[Document] = []
        async for parent in self._records.find({"_id": {"$in": keys}}, session=session):
            late = [loose.child for loose in by_parent.pop(parent["_id"]["id"])]
            # A parent that was seen after this export has its children from then.
            if "deleted_at" not in parent and parent["observed_at"] <= batch.observed_at:
                record = children.merge(self._kind.decode(parent), late)
                amended.append(self._kind.encode(self._records.shop, record, parent["observed_at"]))
        await self._records.replace_many(amended, session=session)
        waiting = [loose for group in by_parent.values() for loose in group]
        await self._pending.put(export_id, waiting, session)

    def _without(self, batch: Batch, refused: RefusedError) -> Batch:
        """Move the refused record, in all its versions, from the records to the rejects."""
        kept = tuple(record for record in batch.records if record.id != refused.number)
        record = self._newest(batch)[refused.number]
        reject = Reject(
            code=SyncErrorCode.STORE_REJECTED,
            message=refused.reason,
            resource_id=str(Gid(self._kind.record_type.__name__, refused.number)),
            payload=msgspec.json.encode(record).decode(),
        )
        return msgspec.structs.replace(batch, records=kept, rejects=(*batch.rejects, reject))
