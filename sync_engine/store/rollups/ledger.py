"""What a transaction changes of a shop's orders, and what that changes of its rollups.

Whoever writes orders notes each one as it was and as it is now; at the end the difference goes into
the rollups, in the same transaction. So they are changed exactly once, whatever is retried.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import tzinfo

from sync_engine.model.kpi.calendar import zone_of
from sync_engine.model.kpi.definitions import add_customer
from sync_engine.model.kpi.facts import OrderFacts, Sold, Visit, visit_of
from sync_engine.model.kpi.rollups import Place, Rollups, exactly
from sync_engine.store.mongo import Session
from sync_engine.store.records.refusals import RacedError
from sync_engine.store.rollups.cells import RollupCells, days_of
from sync_engine.store.rollups.facts import ORDER_FIELDS, VISIT_FIELDS, decode_facts, decode_visit
from sync_engine.store.rollups.importing import Change, Changes, RollupImport, add_change
from sync_engine.store.rollups.state import Generation, RollupState, RollupStates
from sync_engine.store.scoped import ScopedCollection


class OrderLedger:
    """The changes of one attempt at one transaction."""

    def __init__(
        self,
        states: RollupStates,
        cells: RollupCells,
        orders: ScopedCollection,
        session: Session,
        importing: RollupImport | None,
    ) -> None:
        """Begin with no changes."""
        self._importing = importing
        self._held: Changes | None = None
        self._states = states
        self._cells = cells
        self._orders = orders
        self._session = session
        self._state: RollupState | None = None
        self._changes: dict[int, Change] = {}
        self._has_new_titles = False

    async def lock(self) -> RollupState:
        """Take the turn to write rollups; best first of all in a transaction. Idempotent.

        Raises:
            RacedError: the shop had no rollups yet; they were begun, so look again.
        """
        if self._state is None:
            self._state = await self._states.lock(self._session)
        if self._state is None:
            await self._states.begin()
            raise RacedError
        return self._state

    def note(self, number: int, before: Sold | None, after: Sold | None) -> None:
        """Note an order as it was before a write and as it is after it; None is not there."""
        first, _ = self._changes.get(number, (before, None))
        self._changes[number] = first, after

    def note_title(self, before: str | None, after: str) -> None:
        """Note what a product was called before a write, and is after it."""
        self._has_new_titles |= before != after

    async def orders_where(self, condition: Mapping[str, object]) -> dict[int, OrderFacts]:
        """Return what the rollups know of orders that are about to be changed in bulk."""
        await self.lock()
        found = self._orders.find(condition, projection=ORDER_FIELDS, session=self._session)
        return {document["_id"]["id"]: decode_facts(document) async for document in found}

    async def settle(self) -> None:
        """Bring the rollups up to date with all that was noted."""
        changes = {number: each for number, each in self._changes.items() if any(each)}
        if not changes and not self._has_new_titles:
            return
        state = await self.lock()
        after: dict[int, dict[int, Visit]] = {}
        before: dict[int, dict[int, Visit]] = {}
        if scanned := max(each.customers_through for each in state.generations):
            moved = [each for each in _moved_customers(changes.values()) if each <= scanned]
            if moved:
                after = await self._visits(moved)
                before = _as_before(after, changes)
        changed: Collection[Place] = ()
        for generation in state.generations:
            if self._importing is not None and self._importing.holds_back(generation):
                self._held = changes  # of orders: an import leaves customers to a scan
                continue
            delta = _difference(generation, changes, before, after)
            places = await self._cells.add(generation.number, delta, self._session)
            if generation is state.shown:
                changed = places
        await self._states.announce(
            state, days_of(changed), self._session, may_be_any=self._has_new_titles
        )

    @property
    def held_back(self) -> Changes | None:
        """The changes that an import holds back, once they are committed."""
        return self._held

    async def _visits(self, customers: Iterable[int]) -> dict[int, dict[int, Visit]]:
        """Return all visits of customers as they are now, by customer and order."""
        visits: dict[int, dict[int, Visit]] = {number: {} for number in customers}
        found = self._orders.find(
            {"customer_id": {"$in": list(visits)}}, projection=VISIT_FIELDS, session=self._session
        )
        async for document in found:
            if (visit := decode_visit(document)) is not None:
                visits[document["customer_id"]][document["_id"]["id"]] = visit
        return visits


def _visit(order: Sold | None) -> tuple[int | None, Visit | None]:
    if order is None or order.test or order.customer_id is None:
        return None, None
    return order.customer_id, visit_of(order)


@exactly
def _moved_customers(changes: Iterable[Change]) -> set[int]:
    """Return the customers whose visits the changes touch."""
    moved: set[int | None] = set()
    for before, after in changes:
        was, now = _visit(before), _visit(after)
        if was != now:
            moved |= {was[0], now[0]}
    return {number for number in moved if number is not None}


@exactly
def _as_before(
    after: Mapping[int, Mapping[int, Visit]], changes: Changes
) -> dict[int, dict[int, Visit]]:
    """Return the visits of the same customers as they were before the changes."""
    before = {customer: dict(visits) for customer, visits in after.items()}
    for number, (was, now) in changes.items():
        for order, is_back in ((now, False), (was, True)):
            customer, visit = _visit(order)
            if customer in before and visit is not None:
                if is_back:
                    before[customer][number] = visit
                else:
                    before[customer].pop(number, None)
    return before


@exactly
def _difference(
    generation: Generation,
    changes: Changes,
    before: Mapping[int, Mapping[int, Visit]],
    after: Mapping[int, Mapping[int, Visit]],
) -> Rollups:
    zone: tzinfo = zone_of(generation.timezone)
    delta = Rollups()
    for number, change in changes.items():
        if number <= generation.orders_through:
            add_change(delta, change, zone)
    for visits, sign in ((before, -1), (after, 1)):
        for customer, orders in visits.items():
            if customer <= generation.customers_through:
                add_customer(delta, list(orders.values()), zone, sign=sign)
    delta.add_months()
    return delta
