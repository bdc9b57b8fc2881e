"""Moves orders between MongoDB and the archive, some at a time, each exactly once.

Each transaction takes the shop's turn to write orders first, so nobody writes them meanwhile, and
fails where another process has taken the archive over. The rollups have nothing to learn from it:
a stub is to them what its order was.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from bson.raw_bson import RawBSONDocument

from sync_engine.model.archive import ArchivePart, StoredOrder
from sync_engine.model.errors import ArchiveWaitsError
from sync_engine.store.archive.catalogue import ArchiveCatalogue
from sync_engine.store.codec import Document
from sync_engine.store.leases import Lease, LeaseRepository
from sync_engine.store.mongo import Session, Transactions
from sync_engine.store.records.kind import document_id
from sync_engine.store.records.orders import ORDERS
from sync_engine.store.records.refusals import RacedError
from sync_engine.store.records.sealed import seal_document
from sync_engine.store.records.stubs import (
    ARCHIVED,
    digest_of,
    is_stub,
    read_stub,
    stub_document,
    without_references,
)
from sync_engine.store.rollups.ledger import OrderLedger
from sync_engine.store.rollups.writer import RollupWriter
from sync_engine.store.scoped import ScopedCollection

T = TypeVar("T")


class OrderMover:
    """The orders of one shop on the move, under a lease."""

    def __init__(
        self,
        transactions: Transactions,
        *,
        orders: ScopedCollection,
        runs: ScopedCollection,
        catalogue: ArchiveCatalogue,
        rollups: RollupWriter,
        leases: LeaseRepository,
        lease: Lease,
    ) -> None:
        """Take the collections as one shop sees them."""
        self._transactions = transactions
        self._orders = orders
        self._runs = runs
        self._catalogue = catalogue
        self._rollups = rollups
        self._leases = leases
        self._lease = lease

    async def save(self, *parts: ArchivePart) -> None:
        """Write parts of the archive as they are now, all or none.

        Raises:
            LeaseLostError: another process has taken over; nothing was written.
        """

        async def attempt(session: Session) -> None:
            await self._leases.confirm(self._lease, session)
            for part in parts:
                await self._catalogue.save(part, session)

        await self._atomically(attempt)

    async def remove(self, part: ArchivePart) -> None:
        """Forget a part of the archive that holds nothing.

        Raises:
            LeaseLostError: another process has taken over; nothing was written.
        """

        async def attempt(session: Session) -> None:
            await self._leases.confirm(self._lease, session)
            await self._catalogue.remove(part, session)

        await self._atomically(attempt)

    async def take_away(self, rows: Sequence[StoredOrder], *, now: datetime) -> int:
        """Leave stubs of orders that stand as they were written; returns how many moved.

        What has changed since stays. Idempotent.

        Raises:
            ArchiveWaitsError: a run is under way; nothing moved.
            LeaseLostError: another process has taken over; the same.
        """

        async def attempt(session: Session) -> int:
            await self._begin(session)
            if await self._runs.count({"is_active": True}, limit=1, session=session):
                message = "a run is under way: what it has not read whole must not move"
                raise ArchiveWaitsError(message)
            standing = await self._standing(rows, session)
            stubs: dict[int, RawBSONDocument] = {}
            for row in rows:
                document = standing.get(row.order.id)
                if document is not None and _is_version(document, row):
                    left = stub_document(document, row.order, now=now)
                    stubs[row.order.id] = seal_document(left)
            await self._orders.replace_sealed(stubs, session=session)
            return len(stubs)

        return await self._atomically(attempt)

    async def bring_back(self, rows: Sequence[StoredOrder]) -> int:
        """Put orders in the place of their own stubs; returns how many are back.

        They refer to what their stubs have come to refer to. Rows whose order has changed or gone
        since they were written are passed over. Idempotent.

        Raises:
            LeaseLostError: another process has taken over; nothing was written.
        """

        async def attempt(session: Session) -> int:
            await self._begin(session)
            standing = await self._standing(rows, session)
            whole: dict[int, RawBSONDocument] = {}
            for row in rows:
                document = standing.get(row.order.id)
                if document is None or not is_stub(document):
                    continue
                stub = read_stub(document)
                if stub.is_of(row.order, row.observed_at):
                    order = stub.whole(row.order)
                    encoded = ORDERS.encode(self._orders.shop, order, row.observed_at)
                    if "is_outdated" in document:
                        encoded["is_outdated"] = document["is_outdated"]
                    whole[order.id] = seal_document(encoded)
            await self._orders.replace_sealed(whole, session=session)
            return len(whole)

        return await self._atomically(attempt)

    async def forget_customer(self, number: int) -> None:
        """Let archived orders of a customer be nobody's, in the rollups as well. Idempotent.

        Their tags go as well: they may name somebody.

        Raises:
            LeaseLostError: another process has taken over; nothing was written.
        """
        condition = {"customer_id": number, f"{ARCHIVED}.created_at": {"$exists": True}}

        async def attempt(session: Session) -> None:
            ledger = await self._begin(session)
            for order_number, order in (await ledger.orders_where(condition)).items():
                nobodys = msgspec.structs.replace(order, customer_id=None)
                ledger.note(order_number, order, nobodys)
            gone: list[Mapping[str, Any]] = [
                {"$set": {"customer_id": None, f"{ARCHIVED}.tags": []}}
            ]
            await self._orders.update_many(condition, gone, session=session)
            await ledger.settle()

        await self._atomically(attempt)

    async def _begin(self, session: Session) -> OrderLedger:
        await self._leases.confirm(self._lease, session)
        ledger = self._rollups.ledger(session)
        await ledger.lock()
        return ledger

    async def _atomically(self, work: Callable[[Session], Coroutine[Any, Any, T]]) -> T:
        while True:
            with suppress(RacedError):  # once, where the shop had no rollups yet
                return await self._transactions.atomically(work)

    async def _standing(self, rows: Sequence[StoredOrder], session: Session) -> dict[int, Document]:
        keys = [document_id(self._orders.shop, row.order.id) for row in rows]
        found = self._orders.find_by_id({"$in": keys}, session=session)
        return {document["_id"]["id"]: document async for document in found}


def _is_version(document: Document, row: StoredOrder) -> bool:
    """Whether an order stands whole and as it was written, whatever it refers to by now."""
    if "deleted_at" in document or is_stub(document):
        return False
    standing = ORDERS.decode(document)
    return (
        document["observed_at"] == row.observed_at
        and digest_of(standing) == digest_of(row.order)
        and without_references(standing.line_items) == without_references(row.order.line_items)
    )
