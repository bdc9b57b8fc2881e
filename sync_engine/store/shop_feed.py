"""Tells this process that a shop has changed: its settings, its profile, its status."""

from collections.abc import Callable

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.codec import Document


class ShopFeed:
    """Drops what is held of a shop as soon as it changes."""

    def __init__(self) -> None:
        """Begin with nobody to tell."""
        self._droppers: list[Callable[[ShopDomain | None], None]] = []

    def on_change(self, drop: Callable[[ShopDomain | None], None]) -> None:
        """Call this with each shop that changes, with None where any may have."""
        self._droppers.append(drop)

    def changed(self, change: Document) -> None:
        """Take a change of a shop."""
        for drop in self._droppers:
            drop(ShopDomain(change["documentKey"]["_id"]))

    async def catch_up(self) -> None:
        """After a gap any shop may have changed."""
        for drop in self._droppers:
            drop(None)
