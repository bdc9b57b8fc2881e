"""Ends a bulk export in the store: what becomes of children that no parent came for.

Where the parent stands as it stood before the export, the child usually stands there too, for
nothing has changed. Where it does not, the parent is to be read anew. What has no parent at all
goes to the quarantine.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import Any

import msgspec

from sync_engine.model.batch import Reject
from sync_engine.model.gid import Gid
from sync_engine.model.run import Advance, Run
from sync_engine.model.sync_enums import Resource, SyncErrorCode
from sync_engine.store.codec import Document
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Session, Transactions
from sync_engine.store.pending_children import PendingChildren
from sync_engine.store.records.kind import ChildList, RecordKind, document_id
from sync_engine.store.runs import RunRepository
from sync_engine.store.scoped import ScopedCollection
from sync_engine.store.sync_errors import SyncErrorRepository

_AT_ONCE = 1_000


class ExportSettlement:
    """Settles what waits in the exports of one shop."""

    def __init__(
        self,
        transactions: Transactions,
        *,
        records: Mapping[Resource, tuple[RecordKind[Any, Any, Any], ScopedCollection]],
        runs: RunRepository,
        errors: SyncErrorRepository,
        pending: PendingChildren,
    ) -> None:
        """Take what the transaction touches; all of it belongs to the same shop."""
        self._transactions = transactions
        self._records = records
        self._runs = runs
        self._errors = errors
        self._pending = pending

    async def in_doubt(self, resource: Resource, export_id: str) -> AsyncGenerator[list[int]]:
        """Yield the records, some at a time, that stand without a child that waits for them.

        Whoever reads them anew before ``settle`` has all that the export had.
        """
        kind, _ = self._records[resource]
        after = 0
        while kind.children is not None:
            with store_failures():
                waiting = await self._pending.behind(export_id, after, _AT_ONCE)
                doubted = await self._lacking(resource, kind.children, waiting)
            if doubted:
                yield doubted
            if len(waiting) < _AT_ONCE:
                return
            after = waiting[-1]["parent_id"]

    async def _lacking(
        self, resource: Resource, children: ChildList, waiting: Iterable[Document]
    ) -> list[int]:
        wanted: defaultdict[int, set[int]] = defaultdict(set)
        for document in waiting:
            wanted[document["parent_id"]].add(document["child"]["id"])
        return [
            number
            for number, parent in (await self._parents(resource, wanted)).items()
            if "deleted_at" not in parent
            and not wanted[number] <= {child["id"] for child in parent[children.field]}
        ]

    async def settle(self, run: Run, resource: Resource, export_id: str, step: Advance) -> Run:
        """Move on by the step, quarantine every child without a parent, forget all others.

        Returns the run as it then stands.

        Raises:
            LeaseLostError: another worker holds the shop; nothing was written.
        """
        while True:

            async def attempt(
                session: Session, run: Run = run, step: Advance = step
            ) -> tuple[Run, int]:
                waiting = await self._pending.take_any(export_id, _AT_ONCE, session)
                parents = await self._parents(
                    resource, {document["parent_id"] for document in waiting}, session
                )
                rejects = [
                    self._orphan(resource, document)
                    for document in waiting
                    if document["parent_id"] not in parents
                ]
                messages = tuple(reject.message for reject in rejects)
                full_step = msgspec.structs.replace(step, messages=(*step.messages, *messages))
                after = await self._runs.advance(run, resource, full_step, session=session)
                await self._errors.add(
                    rejects, run_id=run.id, resource=resource, now=step.now, session=session
                )
                return after, len(waiting)

            run, count = await self._transactions.atomically(attempt)
            if count < _AT_ONCE:
                return run
            step = Advance(now=step.now)

    async def discard(self, export_id: str) -> None:
        """Forget what waits in an export that was given up."""

        async def attempt(session: Session) -> None:
            await self._pending.discard(export_id, session)

        await self._transactions.atomically(attempt)

    async def _parents(
        self, resource: Resource, numbers: Iterable[int], session: Session | None = None
    ) -> dict[int, Document]:
        kind, records = self._records[resource]
        if kind.children is None:
            return {}
        keys = [document_id(records.shop, number) for number in sorted(numbers)]
        found = records.find_by_id(
            {"$in": keys}, projection=["deleted_at", f"{kind.children.field}.id"], session=session
        )
        return {document["_id"]["id"]: document async for document in found}

    def _orphan(self, resource: Resource, document: Document) -> Reject:
        kind, _ = self._records[resource]
        child: object = document["child"]
        if kind.children is not None:
            child = kind.children.decode(document["child"])
        return Reject(
            code=SyncErrorCode.MALFORMED_RECORD,
            message=f"a part of record {document['parent_id']} came, but not the record itself",
            resource_id=str(Gid(kind.record_type.__name__, document["parent_id"])),
            payload=msgspec.json.encode(child).decode(),
            is_record=False,
        )
