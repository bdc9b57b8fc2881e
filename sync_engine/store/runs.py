"""Sync runs as documents: one active run a shop, every write fenced by the worker's lease."""

from collections.abc import Collection
from datetime import datetime

from sync_engine.model.errors import LeaseLostError
from sync_engine.model.paging import Page, PageItem
from sync_engine.model.run import Advance, ApiUsage, Claim, Run
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncState
from sync_engine.store.codec import Document, from_document, to_document
from sync_engine.store.cursors import Position, after_position, read_cursor, write_cursor
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Session
from sync_engine.store.run_updates import increments, update_of
from sync_engine.store.scoped import ScopedCollection
from sync_engine.store.sync_errors import ERASED_MESSAGE

_RECENT_OPERATIONS = 20
_NOWHERE = {"checkpoint": None}


class RunRepository:
    """The runs of one shop."""

    def __init__(self, collection: ScopedCollection) -> None:
        """Take the ``sync_runs`` collection as one shop sees it."""
        self._collection = collection

    @property
    def shop(self) -> ShopDomain:
        """The shop whose runs these are."""
        return self._collection.shop

    async def get(self, run_id: str) -> Run | None:
        """Return a run of this shop, if there is one of that id."""
        with store_failures():
            document = await self._collection.find_one({"_id": run_id})
        return None if document is None else decode_run(document)

    async def active(self) -> Run | None:
        """Return the run that still has work to do, of which there is at most one."""
        with store_failures():
            document = await self._collection.find_one({"is_active": True})
        return None if document is None else decode_run(document)

    async def latest(self, states: Collection[SyncState] | None = None) -> Run | None:
        """Return the run that was queued last, of all or of those in one of the states."""
        condition: Document = {}
        if states is not None:
            condition["state"] = {"$in": [state.value for state in states]}
        with store_failures():
            document = await self._collection.find_one(
                condition, sort=[("queued_at", -1), ("_id", -1)]
            )
        return None if document is None else decode_run(document)

    async def count(self) -> int:
        """Count the runs of the shop."""
        with store_failures():
            return await self._collection.count({})

    async def page(self, *, first: int, after: str | None = None) -> Page[Run]:
        """Return runs, newest first.

        Raises:
            InvalidCursorError: the cursor is not one of this list.
        """
        condition: Document = {}
        if after is not None:
            position = read_cursor(after, sort="QUEUED_AT", value_type=datetime, id_type=str)
            condition = after_position("queued_at", "_id", position, reverse=True)
        with store_failures():
            found = self._collection.find(
                condition, sort=[("queued_at", -1), ("_id", -1)], limit=first + 1
            )
            runs = [decode_run(document) async for document in found]
        return Page(
            items=tuple(
                PageItem(write_cursor(Position("QUEUED_AT", run.queued_at, run.id)), run)
                for run in runs[:first]
            ),
            has_next_page=len(runs) > first,
        )

    async def create(self, run: Run) -> tuple[Run, bool]:
        """Store a new run, or return the active one that is in its way, and whether it is new."""
        with store_failures():
            if await self._collection.insert_one(_encode(run)):
                # Only runs that another has followed expire: the last one always stays.
                await self._collection.update_many(
                    {"_id": {"$ne": run.id}, "is_active": False, "superseded_at": None},
                    [{"$set": {"superseded_at": run.queued_at}}],
                )
                return run, True
        standing = await self.active()
        return (standing, False) if standing is not None else await self.create(run)

    async def writer_of(self, run_id: str) -> str | None:
        """Return the key of the transactions under which the run was last written."""
        with store_failures():
            document = await self._collection.find_one({"_id": run_id})
        return None if document is None else document.get("writer")

    async def take_up(
        self, run_id: str, *, fence: int, now: datetime, writer: str | None = None
    ) -> Run | None:
        """Begin or go on with a run under a newer lease; None where the run is over.

        ``writer`` is the key of the transactions that will write it.
        """
        with store_failures():
            before = await self._collection.find_one({"_id": run_id, "is_active": True})
            if before is None:
                return None
            is_new = before["started_at"] is None
            document = await self._collection.find_one_and_update(
                {"_id": run_id, "is_active": True, "fence": {"$lt": fence}},
                {
                    "$set": {
                        "fence": fence,
                        "writer": writer,
                        "state": SyncState.RUNNING.value,
                        "updated_at": now,
                        "started_at": now if is_new else before["started_at"],
                    },
                    "$inc": dict.fromkeys(("resumed_count", "fruitless_count"), 0 if is_new else 1),
                },
            )
        return None if document is None else decode_run(document)

    async def advance(
        self, run: Run, resource: Resource, step: Advance, *, session: Session | None = None
    ) -> Run:
        """Write a step of a stage and return the run as it then stands.

        Within a transaction the driver's exceptions come through untouched.

        Raises:
            LeaseLostError: a newer lease took the run up, or it is over.
        """
        return await self._write(run.claim, update_of(run, resource, step), session=session)

    async def add_usage(self, run: Run, usage: ApiUsage, *, now: datetime) -> Run:
        """Note what a run that is put down has asked of Shopify since its last step.

        Raises:
            LeaseLostError: a newer lease took the run up, or it is over.
        """
        update = {"$set": {"updated_at": now}, "$inc": increments("usage", usage)}
        return await self._write(run.claim, update)

    async def finish(
        self, run: Run, state: SyncState, *, message: str | None, usage: ApiUsage, now: datetime
    ) -> Run:
        """Close the run for good.

        Raises:
            LeaseLostError: a newer lease took the run up, or it is over.
        """
        update: Document = {
            "$set": {
                "state": state.value,
                "is_active": False,
                "message": message,
                "finished_at": now,
                "updated_at": now,
            },
        }
        if spent := increments("usage", usage):
            update["$inc"] = spent
        if state in {SyncState.SUCCEEDED, SyncState.PARTIAL}:
            update["$max"] = {"fraction": 1.0}
        return await self._write(run.claim, update)

    async def request_cancel(self, run_id: str, *, now: datetime) -> Run | None:
        """Ask for a run to stop; one that no worker has begun is cancelled on the spot.

        Idempotent: a run that is over, or already asked to stop, is returned as it is.
        """
        with store_failures():
            document = await self._collection.find_one_and_update(
                {"_id": run_id, "state": SyncState.QUEUED.value},
                {
                    "$set": {
                        "state": SyncState.CANCELLED.value,
                        "is_active": False,
                        "message": "Cancelled before it began.",
                        "cancel_requested_at": now,
                        "finished_at": now,
                        "updated_at": now,
                    }
                },
            ) or await self._collection.find_one_and_update(
                {"_id": run_id, "is_active": True, "cancel_requested_at": None},
                {"$set": {"cancel_requested_at": now}},
            )
        return decode_run(document) if document is not None else await self.get(run_id)

    async def note_operation_over(self, operation_id: str) -> None:
        """Tell whoever works for the shop that a bulk operation is over. Idempotent."""
        with store_failures():
            await self._collection.find_one_and_update(
                {"is_active": True, "operations_over": {"$ne": operation_id}},
                {
                    "$push": {
                        "operations_over": {"$each": [operation_id], "$slice": -_RECENT_OPERATIONS}
                    }
                },
            )

    async def forget(self, pattern: str) -> None:
        """Take out of the shop's runs what matches: messages, and where a list was left off."""
        matches = {"$regexMatch": {"input": "$$this", "regex": pattern, "options": "i"}}
        messages = {
            "$map": {
                "input": "$recent_errors",
                "in": {"$cond": [matches, {"$literal": ERASED_MESSAGE}, "$$this"]},
            }
        }
        with store_failures():
            await self._collection.update_many(
                {"recent_errors": {"$regex": pattern, "$options": "i"}},
                [{"$set": {"recent_errors": messages}}],
            )
            await self._collection.update_many(
                {"message": {"$regex": pattern, "$options": "i"}},
                [{"$set": {"message": {"$literal": ERASED_MESSAGE}}}],
            )

    async def forget_position(self, number: int) -> None:
        """Take out of runs that are over that they ended with the record of this number."""
        places = ("stages.checkpoint.last_id", "stages.checkpoint.after_id")
        stages = {"$map": {"input": "$stages", "in": {"$mergeObjects": ["$$this", _NOWHERE]}}}
        with store_failures():
            await self._collection.update_many(
                {"is_active": False, "$or": [{place: number} for place in places]},
                [{"$set": {"stages": stages}}],
            )

    async def _write(self, claim: Claim, update: Document, session: Session | None = None) -> Run:
        condition = {"_id": claim.run_id, "fence": claim.fence, "is_active": True}
        if session is not None:
            document = await self._collection.find_one_and_update(
                condition, update, session=session
            )
        else:
            with store_failures():
                document = await self._collection.find_one_and_update(condition, update)
        if document is None:
            message = f"run {claim.run_id} was taken over or ended under lease {claim.fence}"
            raise LeaseLostError(message)
        return decode_run(document)


def decode_run(document: Document) -> Run:
    """Return the run of a document."""
    return from_document({**document, "id": document["_id"], "shop": document["shop_id"]}, Run)


def _encode(run: Run) -> Document:
    document = to_document(run)
    document["_id"] = document.pop("id")
    document["shop_id"] = document.pop("shop")
    document["is_active"] = run.state.is_active
    return document
