"""Brings the orders of one part of a shop's archive to where the part's state says they belong."""

from collections.abc import Callable, Iterator, Sequence

import msgspec
import structlog

from sync_engine.archive.files import ArchiveFiles
from sync_engine.archive.write_part import PartWriter
from sync_engine.model.archive import ArchivePart, PartState, StoredOrder
from sync_engine.model.clock import Clock
from sync_engine.model.errors import ArchiveDamagedError
from sync_engine.model.records import Order
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.archive.mover import OrderMover
from sync_engine.store.archive.orders import ArchivableOrders

_ORDERS_AT_ONCE = 300

log = structlog.get_logger(__name__)


class ArchiveShelf:
    """The parts of one shop, under a lease."""

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
        self.mover = mover
        self.writer = PartWriter(shop, files=files, orders=orders, mover=mover, clock=clock)
        self._shop = shop
        self._files = files
        self._orders = orders
        self._clock = clock

    async def settle(self, part: ArchivePart, is_time_up: Callable[[], bool]) -> int:
        """Leave stubs of the orders that a part's file holds; returns how many moved.

        Each is compared with what the file says when it is read back. Idempotent; some move
        in any case, what is not done when the time is up goes on with the next call.

        Raises:
            SyncError: the same.
        """
        part = await self.writer.clear_away(part)
        if part.file is None:
            return 0
        moved = 0
        for rows in _in_batches(await self._files.read(part.file)):
            moved += await self.mover.take_away(rows, now=self._clock.now())
            if moved and is_time_up():
                return moved
        await self.mover.save(msgspec.structs.replace(part, state=PartState.SETTLED))
        log.info("archive.moved", shop=self._shop, file=part.file, orders=moved)
        return moved

    async def restore(self, part: ArchivePart) -> int:
        """Bring the orders of a part back and delete its file; returns how many there were.

        Idempotent; what was not done goes on with the next call.

        Raises:
            ArchiveDamagedError: some are not in the file, which stays.
            SyncError: what is not back yet comes with the next call.
        """
        part = await self.writer.clear_away(part)
        if part.file is None:
            return 0
        restoring = msgspec.structs.replace(part, state=PartState.RESTORING)
        await self.mover.save(restoring)
        back = 0
        for rows in _in_batches(await self._files.read(part.file)):
            back += await self.mover.bring_back(rows)
        missing = await self._orders.count_stubs(part)
        if missing:
            message = f"{part.file} lacks {missing} of its orders; {back} are back"
            raise ArchiveDamagedError(message)
        restored = msgspec.structs.replace(
            restoring,
            state=PartState.RESTORED,
            file=None,
            others=(part.file,),
            orders=0,
            size_bytes=0,
        )
        await self.mover.save(restored)
        await self.writer.clear_away(restored)
        log.info("archive.restored", shop=self._shop, file=part.file, orders=back)
        return back

    async def whole_orders(self, part: ArchivePart) -> list[Order]:
        """Return the archived orders of a part, as they are by now.

        Raises:
            SyncError: they cannot be had.
        """
        return [row.order for row in await self.writer.moved(part)]

    async def follow_customers(self, part: ArchivePart) -> None:
        """Write a part's file anew where it names other customers than its orders have by now.

        Rows that do not count any more go, whoever they name.

        Raises:
            SyncError: it has to be done again.
        """
        part = await self.writer.clear_away(part)
        if part.file is None:
            if not part.is_held:
                await self.mover.remove(part)
            return
        named = await self._files.customers(part.file)
        stubs = await self._orders.stubs(part)
        current = {number: stub.customer_id for number, stub in stubs.items()}
        if any(
            customer is not None and customer != current.get(number)
            for number, customer in named.items()
        ):
            written = await self.writer.write(part, takes_orders=False)
            if written.state is PartState.MOVING:
                await self.settle(written, lambda: False)
            log.info("archive.rewritten", shop=self._shop, file=written.file)


def _in_batches(rows: Sequence[StoredOrder]) -> Iterator[Sequence[StoredOrder]]:
    for place in range(0, len(rows), _ORDERS_AT_ONCE):
        yield rows[place : place + _ORDERS_AT_ONCE]
