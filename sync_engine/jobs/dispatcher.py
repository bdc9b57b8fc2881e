"""What hands a run to somebody who works on it."""

from typing import Protocol

from sync_engine.model.shop_domain import ShopDomain


class Dispatcher(Protocol):
    """Hands runs over; MongoDB holds the truth, so a lost or doubled hand-over harms nothing."""

    def dispatch(self, shop: ShopDomain, run_id: str) -> None:
        """See that somebody works on the run soon; returns at once."""


class NullDispatcher:
    """Leaves runs to workers in other processes, which look for them by themselves."""

    def dispatch(self, shop: ShopDomain, run_id: str) -> None:
        """Do nothing."""
