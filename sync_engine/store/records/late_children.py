"""Brings children of an export to parents that were written in an earlier batch, or are to come.

A parent that stands since before the export is none of its own: the version that the export has may
be a newer one and still to come, and would come without the children that the older one was given.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Generic

from bson.raw_bson import RawBSONDocument

from sync_engine.model.batch import LooseChild
from sync_engine.model.records import Order
from sync_engine.model.sync_enums import Resource
from sync_engine.store.codec import Document
from sync_engine.store.mongo import Session
from sync_engine.store.pending_children import PendingChildren
from sync_engine.store.records.kind import (
    ChildList,
    FilterT,
    RecordKind,
    RecordT,
    SortT,
    document_id,
)
from sync_engine.store.records.references import OrderReferences
from sync_engine.store.records.sealed import seal_document
from sync_engine.store.records.stubs import dates_of, is_stub
from sync_engine.store.rollups.ledger import OrderLedger
from sync_engine.store.scoped import ScopedCollection


class LateChildren(Generic[RecordT, FilterT, SortT]):
    """The children of one kind of record of a shop. Works inside a transaction only."""

    def __init__(
        self,
        kind: RecordKind[RecordT, FilterT, SortT],
        children: ChildList,
        records: ScopedCollection,
        pending: PendingChildren,
        references: OrderReferences,
    ) -> None:
        """Take the records, where children wait for them, and what orders may refer to."""
        self._kind = kind
        self._children = children
        self._records = records
        self._pending = pending
        self._references = references
        self._may_wait = True  # until seen otherwise: a process before us may have left some

    async def join_waiting(
        self, export_id: str, records: dict[int, RecordT], session: Session
    ) -> dict[int, RecordT]:
        """Return those of the records that children have waited for, with these children."""
        if not self._may_wait:
            return {}
        waiting = await self._pending.take(export_id, records.keys(), session)
        if not waiting:
            self._may_wait = await self._pending.has_any(export_id, session)
        return {
            parent_id: self._children.add(
                records[parent_id], [self._children.decode(document) for document in documents]
            )
            for parent_id, documents in waiting.items()
        }

    async def place(
        self,
        export_id: str,
        loose_children: Sequence[LooseChild],
        observed_at: datetime,
        session: Session,
        ledger: OrderLedger,
    ) -> None:
        """Give children to parents that this export has written, and let the others wait.

        They wait for their parents' line in the file; ``ExportSettlement`` tells what came of it.
        """
        by_parent: defaultdict[int, list[LooseChild]] = defaultdict(list)
        for loose in loose_children:
            by_parent[loose.parent_id].append(loose)
        shop = self._records.shop
        export_at = _as_stored(observed_at)
        keys = [document_id(shop, number) for number in sorted(by_parent)]
        standing: dict[int, tuple[RecordT, datetime]] = {}
        amended: dict[int, RecordT] = {}
        doubted: list[Document] = []
        async for parent in self._records.find_by_id({"$in": keys}, session=session):
            number = parent["_id"]["id"]
            seen_at = dates_of(parent)["observed_at"]
            if seen_at < export_at:
                continue
            late = [loose.child for loose in by_parent.pop(number)]
            # A parent that was seen after this export has its children from then.
            if "deleted_at" in parent or seen_at > export_at:
                continue
            if is_stub(parent):  # the archived version has them, or else is to be read anew
                archived = {each["id"] for each in parent["line_items"]}
                if any(child.id not in archived for child in late):
                    doubted.append(parent["_id"])
                continue
            record = self._kind.decode(parent)
            standing[number] = record, seen_at
            amended[number] = self._children.add(record, late)
        if self._kind.resource is Resource.ORDERS:
            amended |= await self._references.gone.followed(amended, session)
        await self._replace(standing, amended, session, ledger)
        outdated: list[Mapping[str, Any]] = [{"$set": {"is_outdated": True}}]
        await self._records.update_by_id([(key, outdated) for key in doubted], session=session)
        waiting = [loose for group in by_parent.values() for loose in group]
        self._may_wait = self._may_wait or bool(waiting)
        await self._pending.put(export_id, waiting, session)

    async def _replace(
        self,
        standing: Mapping[int, tuple[RecordT, datetime]],
        amended: Mapping[int, RecordT],
        session: Session,
        ledger: OrderLedger,
    ) -> None:
        sealed: dict[int, RawBSONDocument] = {}
        for number, (before, seen_at) in standing.items():
            after = amended[number]
            if after == before:
                continue
            sealed[number] = seal_document(self._kind.encode(self._records.shop, after, seen_at))
            if isinstance(before, Order) and isinstance(after, Order):
                ledger.note(number, before, after)
        await self._records.replace_sealed(sealed, session=session)


def _as_stored(moment: datetime) -> datetime:
    """Return a moment as MongoDB keeps it, in milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)
