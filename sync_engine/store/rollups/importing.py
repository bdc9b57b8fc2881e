"""Holds back what a first import contributes to the rollups, so that it is written in few pieces.

An import touches most days in every batch. What it contributes is held in this process, and the
shop's state says so: others who write orders go on as always, for sums do not mind the order.
Should the process die, the state still says so, and the rollups are filled anew from the orders.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

import msgspec

from sync_engine.model.kpi.calendar import zone_of
from sync_engine.model.kpi.definitions import add_order
from sync_engine.model.kpi.facts import Sold
from sync_engine.model.kpi.rollups import CUSTOMER_KINDS, Rollups, exactly
from sync_engine.store.mongo import Session, Transactions
from sync_engine.store.rollups.cells import RollupCells, days_of
from sync_engine.store.rollups.state import Generation, RollupStates, with_new_generation
from sync_engine.store.scoped import ScopedCollection

Change = tuple[Sold | None, Sold | None]
"""An order as it was before a write, and as it is after it."""

Changes = Mapping[int, Change]

_FEW_ORDERS = 2_000
_BATCHES_AT_ONCE = 100
_MOST_CELLS = 100_000


class RollupImport:
    """The import of one shop by one worker. Idle until it is begun."""

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
        self.token: str | None = None
        self._held = Rollups()
        self._batches = 0
        self._is_in_doubt = False
        self._zone: tzinfo = UTC

    async def begin(self, *, now: datetime) -> None:
        """Begin to hold back, where few orders are stored and many may be about to come.

        What an import before this one held back is lost with it: then the rollups are begun anew,
        and filled from the orders at the end.
        """
        if await self._states.get() is None:
            await self._states.begin()
        timezone = await self._states.timezone()
        token = secrets.token_hex(8)

        async def attempt(session: Session) -> str | None:
            state = await self._states.locked(session)
            shown = state.shown
            if shown.import_token is not None or not shown.is_of_use(timezone):
                await self._states.save(with_new_generation(state, timezone, now), session)
                return None
            if not shown.is_complete:
                return None
            if await self._orders.count({}, limit=_FEW_ORDERS, session=session) >= _FEW_ORDERS:
                return None
            await self._cells.clear(shown.number, session, CUSTOMER_KINDS)
            held = msgspec.structs.replace(shown, customers_through=0, import_token=token)
            changed = msgspec.structs.replace(state.with_generation(held), fresh_as_of=now)
            await self._states.save(changed, session)
            return token

        self._zone = zone_of(timezone)
        self.token = await self._transactions.atomically(attempt)

    def holds_back(self, generation: Generation) -> bool:
        """Whether what is contributed to a generation is held back here."""
        return self.token is not None and generation.import_token == self.token

    def doubt(self) -> None:
        """Note that a batch is being committed: until it is, nobody knows what is held back."""
        self._is_in_doubt = True

    @exactly
    def hold(self, changes: Changes | None) -> None:
        """Hold back what a batch contributes, now that it is committed."""
        self._is_in_doubt = False
        if changes is not None:
            for change in changes.values():
                add_change(self._held, change, self._zone)
            self._batches += 1

    async def write_now_and_then(self) -> None:
        """Write what is held back, where that has become much; figures are to be seen early."""
        if self._batches >= _BATCHES_AT_ONCE or len(self._held) > _MOST_CELLS:
            await self._write(is_last=False)

    async def end(self) -> None:
        """Write what is held back, and hold back no more. Harmless where nothing is.

        Where a commit was cut off, what is held back is not known: it then counts as lost.
        """
        if self.token is not None and not self._is_in_doubt:
            await self._write(is_last=True)
        self.token = None

    async def _write(self, *, is_last: bool) -> None:
        self._is_in_doubt = True  # until it is written; a second time it would not be the same
        self._held.add_months()

        async def attempt(session: Session) -> None:
            state = await self._states.locked(session)
            shown = state.shown
            if not self.holds_back(shown):  # it was built anew by somebody else
                return
            changed = await self._cells.add(shown.number, self._held, session)
            if is_last:
                whole = msgspec.structs.replace(shown, import_token=None)
                await self._states.save(state.with_generation(whole), session)
            await self._states.announce(state, days_of(changed), session)

        await self._transactions.atomically(attempt)
        self._is_in_doubt = False
        self._held = Rollups()
        self._batches = 0


def add_change(rollups: Rollups, change: Change, zone: tzinfo) -> None:
    """Add what the change of an order changes of what it contributes by itself."""
    before, after = change
    if before is not None:
        add_order(rollups, before, zone, sign=-1)
    if after is not None:
        add_order(rollups, after, zone)
