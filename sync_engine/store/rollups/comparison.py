"""Compares the rollups of a shop with its orders, both as they are at one and the same moment."""

from collections.abc import AsyncIterator
from itertools import groupby

from sync_engine.model.kpi.calendar import zone_of
from sync_engine.model.kpi.comparison import Difference, differences
from sync_engine.model.kpi.rollups import RollupKind, Rollups
from sync_engine.store.codec import Document
from sync_engine.store.failures import store_failures
from sync_engine.store.mongo import Session
from sync_engine.store.records.kind import document_id
from sync_engine.store.rollups.documents import decode, rollup_span
from sync_engine.store.rollups.facts import (
    ORDER_FIELDS,
    VISIT_FIELDS,
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
        visits = self._orders.find(
            {"customer_id": {"$gt": 0}},
            projection=VISIT_FIELDS,
            sort=[("customer_id", 1)],
            session=self._session,
        )
        rest: list[Document] = []  # the last customer may have more in the next batch
        async for documents in _in_batches(visits):
            groups = [
                list(group)
                for _, group in groupby([*rest, *documents], key=lambda each: each["customer_id"])
            ]
            rest = groups.pop()
            whole = [document for group in groups for document in group]
            computed.add_rollups(rollups_of_customers(whole, zone))
        computed.add_rollups(rollups_of_customers(rest, zone))
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
