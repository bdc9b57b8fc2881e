"""Writes the file of a part of a shop's archive anew, so that it has each of its orders once."""

import secrets
from datetime import datetime

import msgspec
import structlog

from sync_engine.archive.files import ArchiveFiles, folder_of
from sync_engine.model.archive import ArchivePart, PartState, StoredOrder
from sync_engine.model.clock import Clock
from sync_engine.model.errors import ArchiveDamagedError
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.archive.mover import OrderMover
from sync_engine.store.archive.orders import ArchivableOrders

log = structlog.get_logger(__name__)


class PartWriter:
    """Writes parts of one shop's archive, under a lease."""

    def __init__(
        self,
        shop: ShopDomain,
        *,
        files: ArchiveFiles,
        orders: ArchivableOrders,
        mover: OrderMover,
        clock: Clock,
    ) -> None:
        """Take the files and the orders."""
        self._shop = shop
        self._files = files
        self._orders = orders
        self._mover = mover
        self._clock = clock

    async def write(self, part: ArchivePart, *, takes_orders: bool = True) -> ArchivePart:
        """Write what has moved, as it is by now, and what is to move; returns the part.

        The file that counts changes in one step, from the old to the new one. Without
        ``takes_orders`` nothing more is to move, and what is being restored goes on being so. A
        part that turns out empty is no more.

        Raises:
            SyncError: the old file counts still.
        """
        rows = await self.moved(part)
        if takes_orders:
            kept = {row.order.id for row in rows}
            whole = await self._orders.whole(since=part.created_from, before=part.created_until)
            rows += [row for row in whole if row.order.id not in kept]
        rows.sort(key=lambda row: (row.order.created_at, row.order.id))
        if rows:
            is_held = part.is_held and not takes_orders
            return await self._switch(part, rows, part.state if is_held else PartState.MOVING)
        empty = msgspec.structs.replace(part, file=None, others=_names(part), orders=0)
        await self._mover.save(empty)
        await self.clear_away(empty)
        await self._mover.remove(empty)
        return empty

    async def split(self, part: ArchivePart, at: datetime, *, number: int) -> ArchivePart:
        """Cut a part in two, each with its own orders in its own file; returns the first.

        Raises:
            SyncError: the part is as it was.
        """
        rows = await self.moved(part)
        halves = [
            msgspec.structs.replace(part, created_until=at),
            msgspec.structs.replace(part, created_from=at, number=number, version=0),
        ]
        held = [[row for row in rows if half.covers(row.order.created_at)] for half in halves]
        names = [self._new_name(half) for half in halves]
        begun = await self.clear_away(part)
        await self._mover.save(msgspec.structs.replace(begun, others=tuple(names)))
        first, second = [
            await self._written(half, its_rows, name, half.state)
            for half, its_rows, name in zip(halves, held, names, strict=True)
        ]
        first = msgspec.structs.replace(first, others=_names(begun))
        await self._mover.save(first, second)
        return await self.clear_away(first)

    async def clear_away(self, part: ArchivePart) -> ArchivePart:
        """Delete files of a part that do not count; returns the part."""
        for name in part.others:
            await self._files.delete(name)
        if not part.others:
            return part
        cleared = msgspec.structs.replace(part, others=())
        await self._mover.save(cleared)
        return cleared

    async def moved(self, part: ArchivePart) -> list[StoredOrder]:
        """Return what of the part's file still counts, with what has changed in it since.

        Raises:
            ArchiveDamagedError: the file is not what was written.
        """
        if part.file is None:
            return []
        written = await self._files.read(part.file)
        stubs = await self._orders.stubs(part)
        rows = [
            msgspec.structs.replace(row, order=stub.whole(row.order))
            for row in written
            if (stub := stubs.get(row.order.id)) is not None
            and stub.is_of(row.order, row.observed_at)
        ]
        missing = stubs.keys() - {row.order.id for row in rows}
        if missing:
            message = f"{part.file} lacks {len(missing)} of its orders, such as {min(missing)}"
            raise ArchiveDamagedError(message)
        return rows

    async def _switch(
        self, part: ArchivePart, rows: list[StoredOrder], state: PartState
    ) -> ArchivePart:
        name = self._new_name(part)
        begun = await self.clear_away(part)
        await self._mover.save(msgspec.structs.replace(begun, others=(name,)))
        written = await self._written(part, rows, name, state)
        switched = msgspec.structs.replace(written, others=_names(begun))
        await self._mover.save(switched)
        return await self.clear_away(switched)

    def _new_name(self, part: ArchivePart) -> str:
        return (
            f"{folder_of(self._shop)}/month={part.month}/"
            f"orders-{part.number}-v{part.version + 1}-{secrets.token_hex(4)}.parquet"
        )

    async def _written(
        self, part: ArchivePart, rows: list[StoredOrder], name: str, state: PartState
    ) -> ArchivePart:
        """Write a file and return the part as it is once this file counts."""
        about = {
            "shop": self._shop,
            "month": part.month,
            "orders": str(len(rows)),
            "created_from": part.created_from.isoformat(),
            "created_until": part.created_until.isoformat(),
        }
        return msgspec.structs.replace(
            part,
            state=state,
            version=part.version + 1,
            file=name,
            others=(),
            size_bytes=await self._files.write(name, rows, about),
            orders=len(rows),
            written_at=self._clock.now(),
        )


def _names(part: ArchivePart) -> tuple[str, ...]:
    """Return the names under which files of a part may stand."""
    return part.others if part.file is None else (*part.others, part.file)
