"""Where transactions of one shop have their ledgers from."""

from sync_engine.store.mongo import Session
from sync_engine.store.rollups.cells import RollupCells
from sync_engine.store.rollups.ledger import OrderLedger
from sync_engine.store.rollups.state import RollupStates
from sync_engine.store.scoped import ScopedCollection


class RollupWriter:
    """Keeps the rollups of one shop in step with its orders."""

    def __init__(self, states: RollupStates, cells: RollupCells, orders: ScopedCollection) -> None:
        """Take the collections as one shop sees them."""
        self._states = states
        self._cells = cells
        self._orders = orders

    def ledger(self, session: Session) -> OrderLedger:
        """Return the ledger of one attempt at a transaction."""
        return OrderLedger(self._states, self._cells, self._orders, session)
