"""Compares the rollups of a shop with its orders, both as they are at one and the same moment."""

from collections.abc import AsyncIterator

from sync_engine.model.kpi.calendar import zone_of
from sync_engine.model.kpi.comparison import Difference, differences
from sync_engine.model.kpi.rollups import RollupKind, Rollups
from sync_engine.store.codec import Document
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Session
from sync_engine.store.records.kind import document_id
from sync_engine.store.rollups.customer_visits import CustomerVisits
from sync_engine.store.rollups.documents import decode, rollup_span
from sync_engine.store.rollups.facts import (
    ORDER_FIELDS,
    known_order,
    rollups_of_customers,
    rollups_of_orders,
)
from sync_engine.store.rollups.state import ALL, Generation, RollupStates
from sync_engine.store.scoped import ScopedCollection

_AT_ONCE = 5_000


class RollupComparison:
    """Reads within a session that sees one moment."""

    def __init__(
        self,
        session: Session,
        states: RollupStates,
        rollups: ScopedCollection,
        orders: ScopedCollection,
    ) -> None:
        """Take the collections as one shop sees them."""
        self._session = session
        self._states = states
        self._rollups = rollups
        self._orders = orders

    async def differences(self) -> list[Difference]:
        """Return where the rollups that are shown are not what the orders come to.

        Those that are still being filled differ in what is missing.
        """
        with store_failures():
            state = await self._states.get(self._session)
            if state is None:
                return []
            return differences(await self._stored(state.shown), await self._computed(state.shown))

    async def _stored(self, generation: Generation) -> Rollups:
        stored = Rollups()
        for kind in RollupKind:
            span = rollup_span(self._rollups.shop, generation.number, kind)
            async for document in self._rollups.find_by_id(span, session=self._session):
                stored.add_all(kind, document["_id"]["period"], decode(kind, document))
        return stored

    async def _computed(self, generation: Generation) -> Rollups:
        zone = zone_of(generation.timezone)
        computed = Rollups()
        shop = self._orders.shop
        everything = {"$gt": document_id(shop, 0), "$lte": document_id(shop, ALL)}
        found = self._orders.find_by_id(
            everything, projection=(*ORDER_FIELDS, "deleted_at"), session=self._session
        )
        async for documents in _in_batches(found):
            facts = (order for each in documents if (order := known_order(each)) is not None)
            computed.add_rollups(rollups_of_orders(facts, zone))
        customers, last = CustomerVisits(self._orders, self._session), 0
        while True:
            visits, through = await customers.after(last, limit=_AT_ONCE)
            computed.add_rollups(rollups_of_customers(visits, zone))
            if through is None:
                break
            last = through
        return computed


async def _in_batches(found: AsyncIterator[Document]) -> AsyncIterator[list[Document]]:
    batch: list[Document] = []
    async for document in found:
        batch.append(document)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
