"""Where transactions of one shop have their ledgers from."""

from sync_engine.store.mongo import Session
from sync_engine.store.rollups.cells import RollupCells
from sync_engine.store.rollups.importing import RollupImport
from sync_engine.store.rollups.ledger import OrderLedger
from sync_engine.store.rollups.state import RollupStates
from sync_engine.store.scoped import ScopedCollection


class RollupWriter:
    """Keeps the rollups of one shop in step with its orders."""

    def __init__(
        self,
        states: RollupStates,
        cells: RollupCells,
        orders: ScopedCollection,
        importing: RollupImport | None = None,
    ) -> None:
        """Take the collections as one shop sees them; whoever imports may hold back."""
        self._states = states
        self._cells = cells
        self._orders = orders
        self._importing = importing

    def ledger(self, session: Session) -> OrderLedger:
        """Return the ledger of one attempt at a transaction."""
        return OrderLedger(self._states, self._cells, self._orders, session, self._importing)

    def committing(self) -> None:
        """Note that a transaction with a ledger is about to be committed."""
        if self._importing is not None:
            self._importing.doubt()

    async def committed(self, ledger: OrderLedger) -> None:
        """Note that it is, and take what it holds back."""
        if self._importing is not None:
            self._importing.hold(ledger.held_back)
            await self._importing.write_now_and_then()
