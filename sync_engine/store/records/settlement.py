"""Ends a bulk export in the store: what never found its parent goes to the quarantine."""

import msgspec

from sync_engine.model.batch import Reject
from sync_engine.model.run import Advance, Run
from sync_engine.model.sync_enums import Resource, SyncErrorCode
from sync_engine.store.codec import Document
from sync_engine.store.mongo import Session, Transactions
from sync_engine.store.pending_children import PendingChildren
from sync_engine.store.runs import RunRepository
from sync_engine.store.sync_errors import SyncErrorRepository

_AT_ONCE = 1_000


class ExportSettlement:
    """Quarantines the orphans of an export of one shop."""

    def __init__(
        self,
        transactions: Transactions,
        *,
        runs: RunRepository,
        errors: SyncErrorRepository,
        pending: PendingChildren,
    ) -> None:
        """Take what the transaction touches; all of it belongs to the same shop."""
        self._transactions = transactions
        self._runs = runs
        self._errors = errors
        self._pending = pending

    async def settle(self, run: Run, resource: Resource, export_id: str, step: Advance) -> Run:
        """Move on by the step and quarantine every child that still waits; returns the run.

        Raises:
            LeaseLostError: another worker holds the shop; nothing was written.
        """
        while True:

            async def attempt(
                session: Session, run: Run = run, step: Advance = step
            ) -> tuple[Run, int]:
                waiting = await self._pending.take_any(export_id, _AT_ONCE, session)
                rejects = [_orphan(document) for document in waiting]
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


def _orphan(document: Document) -> Reject:
    return Reject(
        code=SyncErrorCode.MALFORMED_RECORD,
        message=f"a part of record {document['parent_id']} came, but not the record itself",
        resource_id=None,
        payload=msgspec.json.encode(document["child"]).decode(),
        is_record=False,
    )
