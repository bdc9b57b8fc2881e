"""Tells everybody in this process which days of which shop's rollups change."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.codec import Document

Dropper = Callable[[ShopDomain | None], None]
"""Called with the shop that has changed; with None where any may have."""


class DayListener:
    """The days that have changed and that one listener has not taken yet."""

    def __init__(self, shop: ShopDomain) -> None:
        """Listen to the rollups of one shop."""
        self.shop = shop
        self._days: set[str] = set()
        self._may_be_any = False
        self._arrived = asyncio.Event()

    def put(self, days: list[str]) -> None:
        """Add days; none where any may have changed."""
        self._days.update(days)
        self._may_be_any |= not days
        self._arrived.set()

    async def next(self) -> list[str]:
        """Wait until something has changed; returns the days since the last call, in order.

        None where any may have changed, whatever is known of some.
        """
        await self._arrived.wait()
        self._arrived.clear()
        days = [] if self._may_be_any else sorted(self._days)
        self._days, self._may_be_any = set(), False
        return days


class RollupFeed:
    """Hands changed days to the listeners of their shop, and drops what is held of them."""

    def __init__(self) -> None:
        """Begin without listeners."""
        self._listeners: set[DayListener] = set()
        self._droppers: list[Dropper] = []

    def on_change(self, drop: Dropper) -> None:
        """Call this whenever a shop's rollups have changed, for as long as the feed lives."""
        self._droppers.append(drop)

    @contextmanager
    def listen(self, shop: ShopDomain) -> Iterator[DayListener]:
        """Listen to the rollups of a shop from now on."""
        listener = DayListener(shop)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def changed(self, change: Document) -> None:
        """Take a change of a shop's rollup state."""
        shop = ShopDomain(change["documentKey"]["_id"])
        fields = change.get("updateDescription", {}).get("updatedFields", {})
        if change["operationType"] == "update" and not _may_change_figures(fields):
            return
        self._drop(shop)
        announcement = fields.get("announcement")
        if announcement is not None:
            self._tell(shop, announcement["days"])

    def shown_otherwise(self, shop: ShopDomain) -> None:
        """Tell a shop's listeners that figures of any day may be shown otherwise from now on."""
        self._tell(shop, [])

    async def catch_up(self) -> None:
        """After a gap anything may have changed."""
        self._drop(None)
        for listener in self._listeners:
            listener.put([])

    def _tell(self, shop: ShopDomain, days: list[str]) -> None:
        for listener in self._listeners:
            if listener.shop == shop:
                listener.put(days)

    def _drop(self, shop: ShopDomain | None) -> None:
        for drop in self._droppers:
            drop(shop)


def _may_change_figures(fields: Document) -> bool:
    return any(name.startswith(("announcement", "generations")) for name in fields)
