"""Adds to the cells of one shop's rollups: reads, adds, writes, within a transaction."""

from collections.abc import Collection

from sync_engine.model.kpi.rollups import (
    Place,
    RollupKind,
    Rollups,
    add_cells,
    without_zeros,
)
from sync_engine.store.codec import Document
from sync_engine.store.mongo import Session
from sync_engine.store.rollups.documents import (
    DAY_LENGTH,
    decode,
    encode,
    rollup_id,
    rollup_span,
)
from sync_engine.store.scoped import ScopedCollection


class RollupCells:
    """The rollup documents of one shop. Works under the lock of the shop's rollup state only."""

    def __init__(self, rollups: ScopedCollection) -> None:
        """Take the ``kpi_rollups`` collection as one shop sees it."""
        self._rollups = rollups

    async def add(self, generation: int, delta: Rollups, session: Session) -> Collection[Place]:
        """Add to the cells of a generation; returns the places that have changed.

        A document whose cells all come to nothing is deleted: it stands as if it had never been.
        """
        places = delta.by_place()
        if not places:
            return ()
        shop = self._rollups.shop
        ids = [rollup_id(shop, generation, kind, period) for kind, period in places]
        stored: dict[Place, Document] = {}
        async for document in self._rollups.find_by_id({"$in": ids}, session=session):
            key = document["_id"]
            stored[RollupKind(key["kind"]), key["period"]] = document
        fresh: list[Document] = []
        changed: list[Document] = []
        emptied: list[Document] = []
        for (kind, period), cells in places.items():
            known = stored.get((kind, period))
            if known is None:
                fresh.append(encode(shop, generation, kind, period, dict(cells)))
                continue
            total = decode(kind, known)
            add_cells(total, cells)
            if total := without_zeros(total):
                changed.append(encode(shop, generation, kind, period, total))
            else:
                emptied.append(known["_id"])
        await self._rollups.insert_many(fresh, session=session)
        await self._rollups.replace_by_id(changed, session=session)
        if emptied:
            await self._rollups.delete_many({"_id": {"$in": emptied}}, session=session)
        return places.keys()

    async def days(self, generation: int, session: Session) -> list[str]:
        """Return the days on which a generation has anything."""
        between = rollup_span(self._rollups.shop, generation, RollupKind.SALES)
        found = self._rollups.find_by_id(between, projection=["_id"], session=session)
        return [document["_id"]["period"] async for document in found]

    async def clear(
        self,
        generation: int,
        session: Session | None = None,
        kinds: Collection[RollupKind] = tuple(RollupKind),
    ) -> None:
        """Delete the documents of a generation, or those of some kinds."""
        for kind in kinds:
            between = rollup_span(self._rollups.shop, generation, kind)
            await self._rollups.delete_many({"_id": between}, session=session)


def days_of(places: Collection[Place]) -> list[str]:
    """Return the days that a change of these places changes."""
    return sorted({period for _, period in places if len(period) == DAY_LENGTH})
