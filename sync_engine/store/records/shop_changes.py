"""Writes changes of a shop that come outside of any run, with the events that told of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sync_engine.model.batch import Reject
from sync_engine.model.errors import StoreUnavailableError
from sync_engine.model.shop_change import Erasure, ShopChange
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource
from sync_engine.store.mongo import Session, Transactions
from sync_engine.store.records.changes import RecordChanges
from sync_engine.store.records.kind import RecordKind
from sync_engine.store.records.references import OrderReferences
from sync_engine.store.records.refusals import RacedError, RefusedError
from sync_engine.store.records.sealed import SealedBatch, seal_batch
from sync_engine.store.rollups.ledger import OrderLedger
from sync_engine.store.rollups.writer import RollupWriter
from sync_engine.store.scoped import ScopedCollection
from sync_engine.store.sync_errors import SyncErrorRepository
from sync_engine.store.webhook_events import WebhookEventRepository

_RACES_BEFORE_GIVING_UP = 5


class ShopChanges:
    """One shop's records, errors and events, as something to be changed together."""

    def __init__(
        self,
        shop: ShopDomain,
        transactions: Transactions,
        *,
        records: Mapping[Resource, tuple[RecordKind[Any, Any, Any], ScopedCollection]],
        errors: SyncErrorRepository,
        events: WebhookEventRepository,
        rollups: RollupWriter,
    ) -> None:
        """Take what the transactions touch; all of it belongs to the shop."""
        self._shop = shop
        self._transactions = transactions
        self._kinds = {resource: kind for resource, (kind, _) in records.items()}
        self._references = OrderReferences(
            records[Resource.ORDERS][1],
            records[Resource.CUSTOMERS][1],
            records[Resource.PRODUCTS][1],
        )
        self._changes = {
            resource: RecordChanges(kind, collection, self._references)
            for resource, (kind, collection) in records.items()
        }
        self._errors = errors
        self._events = events
        self._rollups = rollups

    async def write(self, change: ShopChange, *, now: datetime) -> tuple[Reject, ...]:
        """Write a change and settle its events: all of it or nothing; returns what was not kept.

        Idempotent. What MongoDB refuses goes to the quarantine, like the rejects of the batch.

        Raises:
            StoreUnavailableError: nothing was written; the same can be tried again.
        """
        sealed = await seal_batch(self._kinds[change.resource], self._shop, change.batch)

        async def attempt(session: Session) -> None:
            await self._attempt(session, change, sealed, now)

        races = 0
        while True:
            try:
                await self._transactions.atomically(attempt)
            except RefusedError as refused:
                sealed.reject(refused.number, refused.reason)
            except RacedError as raced:
                races += 1
                if races > _RACES_BEFORE_GIVING_UP:
                    raise StoreUnavailableError("others keep inserting the same records") from raced
            else:
                return tuple(sealed.rejects)

    async def _attempt(
        self, session: Session, change: ShopChange, sealed: SealedBatch[Any], now: datetime
    ) -> None:
        changes = self._changes[change.resource]
        ledger = self._rollups.ledger(session)
        if change.resource is Resource.ORDERS or change.erasures:
            await ledger.lock()
        await changes.put(sealed, session, ledger, joined={}, may_lack_children=False)
        if change.mergers:
            heirs = await self._references.gone.heirs((), session, change.mergers)
            for each in change.mergers:
                heir = heirs[each.removed]
                await self._references.move_customer(each.removed, heir, session, ledger)
        await changes.bury(change.batch, session, ledger)
        await self._references.gone.note(change.mergers, session)
        for erasure in change.erasures:
            await self._erase(erasure, session, ledger)
        await ledger.settle()
        rejects: list[Reject] = sealed.rejects if change.quarantines else []
        await self._errors.add(
            rejects, run_id=None, resource=change.resource, now=now, session=session
        )
        await self._events.settle(change.outcomes, session=session)

    async def _erase(self, erasure: Erasure, session: Session, ledger: OrderLedger) -> None:
        await self._changes[Resource.CUSTOMERS].erase(erasure.customer, erasure.at, session)
        if erasure.tags:
            await self._references.drop_tags(erasure.customer, erasure.tags, session)
        await self._references.move_customer(erasure.customer, None, session, ledger)
        for other in await self._references.customers_of(erasure.orders, session):
            await self._references.move_customer(other, None, session, ledger, only=erasure.orders)
