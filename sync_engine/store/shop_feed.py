"""Tells this process that a shop has changed: its settings, its profile, its status."""

from collections.abc import Callable

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.codec import Document

_SHOWN_WITH_FIGURES = ("profile", "profile.currency_code", "profile.taxes_included")


class ShopFeed:
    """Drops what is held of a shop as soon as it changes."""

    def __init__(self, tell_figures: Callable[[ShopDomain], None]) -> None:
        """Begin with nobody who holds anything.

        ``tell_figures`` is called with each shop whose figures are shown otherwise from now on, in
        another currency for one, when nothing is held of it any more. A new time zone is not told:
        its figures come later, and tell of themselves.
        """
        self._tell_figures = tell_figures
        self._droppers: list[Callable[[ShopDomain | None], None]] = []

    def on_change(self, drop: Callable[[ShopDomain | None], None]) -> None:
        """Call this with each shop that changes, with None where any may have."""
        self._droppers.append(drop)

    def changed(self, change: Document) -> None:
        """Take a change of a shop."""
        shop = ShopDomain(change["documentKey"]["_id"])
        for drop in self._droppers:
            drop(shop)
        fields = change.get("updateDescription", {}).get("updatedFields", {})
        if any(name in fields for name in _SHOWN_WITH_FIGURES):
            self._tell_figures(shop)

    async def catch_up(self) -> None:
        """After a gap any shop may have changed."""
        for drop in self._droppers:
            drop(None)
