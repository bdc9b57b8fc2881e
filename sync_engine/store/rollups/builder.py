"""Fills the rollups of a shop with orders that are stored already, some of them at a time.

Goes through the orders by their ids and then through the customers by theirs; each step is a
transaction of its own, which others that write orders wait for. So it may be stopped and gone on
with anywhere, while orders keep changing.
"""

from datetime import datetime, timedelta

import msgspec

from sync_engine.model.kpi.calendar import zone_of
from sync_engine.model.kpi.rollups import Rollups
from sync_engine.store.mongo import Session, Transactions
from sync_engine.store.records.kind import document_id
from sync_engine.store.rollups.cells import RollupCells, days_of
from sync_engine.store.rollups.customer_visits import CustomerVisits
from sync_engine.store.rollups.facts import (
    ORDER_FIELDS,
    known_order,
    rollups_of_customers,
    rollups_of_orders,
)
from sync_engine.store.rollups.state import (
    ALL,
    Generation,
    Retired,
    RollupState,
    RollupStates,
    with_new_generation,
)
from sync_engine.store.scoped import ScopedCollection

_ORDERS_AT_ONCE = 2_000
_VISITS_AT_ONCE = 50_000
_READERS_ARE_DONE_AFTER = timedelta(minutes=2)


class RollupBuilder:
    """Builds the rollups of one shop. Not for several at once: the caller holds a lease."""

    def __init__(
        self,
        transactions: Transactions,
        states: RollupStates,
        cells: RollupCells,
        orders: ScopedCollection,
    ) -> None:
        """Take the collections as one shop sees them."""
        self._transactions = transactions
        self._states = states
        self._cells = cells
        self._orders = orders

    async def begin_anew(self, *, now: datetime) -> None:
        """Begin a new generation beside the one that is shown; one under way is given up."""
        await self._begin()
        timezone = await self._states.timezone()

        async def attempt(session: Session) -> None:
            state = await self._states.locked(session)
            await self._states.save(with_new_generation(state, timezone, now), session)

        await self._transactions.atomically(attempt)

    async def advance(self, *, now: datetime) -> bool:
        """Do one step of what is still to be done; returns whether there is more.

        Not while the shop is being imported: what an import holds back counts as lost.
        """
        await self._begin()
        timezone = await self._states.timezone()

        async def attempt(session: Session) -> bool:
            state = await self._states.locked(session)
            newest = state.newest
            if not newest.is_of_use(timezone) or newest.import_token is not None:
                await self._states.save(with_new_generation(state, timezone, now), session)
                return True
            if newest.is_complete:
                return await self._conclude(state, session, now)
            if newest.orders_through < ALL:
                filled, delta = await self._take_orders(newest, session)
            else:
                filled, delta = await self._take_customers(newest, session)
            changed = await self._cells.add(newest.number, delta, session)
            await self._states.save(state.with_generation(filled), session)
            if newest is state.shown:
                await self._states.announce(state, days_of(changed), session)
            return True

        has_more = await self._transactions.atomically(attempt)
        if not has_more:
            await self._clean_up(now)
        return has_more

    async def _begin(self) -> None:
        if await self._states.get() is None:
            await self._states.begin()

    async def _take_orders(
        self, generation: Generation, session: Session
    ) -> tuple[Generation, Rollups]:
        shop = self._orders.shop
        beyond = {
            "$gt": document_id(shop, generation.orders_through),
            "$lte": document_id(shop, ALL),
        }
        found = self._orders.find_by_id(
            beyond,
            projection=(*ORDER_FIELDS, "deleted_at"),
            limit=_ORDERS_AT_ONCE,
            session=session,
        )
        documents = [document async for document in found]
        facts = [order for each in documents if (order := known_order(each)) is not None]
        is_last = len(documents) < _ORDERS_AT_ONCE
        through = ALL if is_last else documents[-1]["_id"]["id"]
        filled = msgspec.structs.replace(generation, orders_through=through)
        return filled, rollups_of_orders(facts, zone_of(generation.timezone))

    async def _take_customers(
        self, generation: Generation, session: Session
    ) -> tuple[Generation, Rollups]:
        customers = CustomerVisits(self._orders, session)
        visits, last = await customers.after(generation.customers_through, limit=_VISITS_AT_ONCE)
        through = ALL if last is None else last
        filled = msgspec.structs.replace(generation, customers_through=through)
        return filled, rollups_of_customers(visits, zone_of(generation.timezone))

    async def _conclude(self, state: RollupState, session: Session, now: datetime) -> bool:
        """Show the newest generation, which is complete; returns False: all is done."""
        newest = state.newest
        if newest is not state.shown:
            before = [Retired(number=each.number, at=now) for each in state.generations[:-1]]
            changed = msgspec.structs.replace(
                state, generations=(newest,), retired=(*state.retired, *before)
            )
            await self._states.save(changed, session)
            days = await self._cells.days(newest.number, session)
            await self._states.announce(state, days, session)
        return False

    async def _clean_up(self, now: datetime) -> None:
        """Delete generations that nobody reads any more."""
        state = await self._states.get()
        if state is None:
            return
        due = [each for each in state.retired if each.at < now - _READERS_ARE_DONE_AFTER]
        for each in due:
            await self._cells.clear(each.number)
        if due:

            async def attempt(session: Session) -> None:
                locked = await self._states.locked(session)
                left = tuple(each for each in locked.retired if each not in due)
                await self._states.save(msgspec.structs.replace(locked, retired=left), session)

            await self._transactions.atomically(attempt)
