"""Moves old orders of shops to files, a month at a time, and brings them back when asked.

Any process may die at any instruction. What counts stands in MongoDB: a file counts once a part
of the archive names it, and an order has moved once its stub stands; until then it is whole.
"""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from sync_engine.archive.files import ArchiveFiles
from sync_engine.archive.shelf import ArchiveShelf
from sync_engine.model.archive import (
    ArchiveError,
    ArchivePart,
    PartState,
    due_before,
    free_number,
    parse_month,
    part_for,
)
from sync_engine.model.clock import Clock
from sync_engine.model.kpi.calendar import zone_of
from sync_engine.model.records import Order
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.together import while_watching
from sync_engine.store.leases import Lease
from sync_engine.store.store import Store

_LEASE_NAME = "archive"
_LEASE_SECONDS = 15.0
_LOOK_SECONDS = 0.2
_ORDERS_IN_A_PART = 5_000
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

T = TypeVar("T")


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a call: how many orders moved, and whether nothing is left to do."""

    orders: int
    is_done: bool


class Archive:
    """The archives of all shops; a lease lets one process at a time work on that of a shop."""

    def __init__(
        self,
        store: Store,
        files: ArchiveFiles,
        *,
        holder: str,
        clock: Clock,
        orders_in_a_part: int = _ORDERS_IN_A_PART,
    ) -> None:
        """Take the open store and the files; ``holder`` names this process."""
        self._store = store
        self._files = files
        self._holder = holder
        self._clock = clock
        self._orders_in_a_part = orders_in_a_part

    async def probe(self) -> None:
        """Try whether the archive can be written.

        Raises:
            ArchiveUnavailableError: it cannot.
        """
        await self._files.probe()

    async def parts(self, shop: ShopDomain) -> list[ArchivePart]:
        """Return the parts of a shop's archive, oldest first.

        Raises:
            StoreUnavailableError: MongoDB is away.
        """
        return await self._store.archive_catalogue(shop).parts()

    async def run(
        self,
        shop: Shop,
        *,
        within_seconds: float | None = None,
        takes_restored: bool = False,
    ) -> Moved:
        """Finish what is unfinished and move the orders that are due. Idempotent.

        What is not done within the time goes on with the next call. Months that were restored stay
        unless ``takes_restored``. Where another process is at it, nothing is done.

        Raises:
            ArchiveWaitsError: a sync is under way; what has not moved goes on later.
            SyncError: MongoDB or the files cannot be had, or a file is damaged; the same.
        """
        began = self._clock.monotonic_seconds()

        def is_time_up() -> bool:
            spent = self._clock.monotonic_seconds() - began
            return within_seconds is not None and spent >= within_seconds

        async def work(shelf: ArchiveShelf) -> Moved:
            return await self._run(shelf, shop, is_time_up, takes_restored=takes_restored)

        lease = await self._lease(shop.domain)
        if lease is None:
            return Moved(orders=0, is_done=False)
        return await self._under(lease, work)

    async def restore(self, shop: ShopDomain, month: str) -> int:
        """Bring the orders of a month back; returns how many. Idempotent.

        Raises:
            ArchiveError: no month is meant, or nothing of it was ever archived.
            ArchiveDamagedError: not all of them are in the files; those that are, are back.
            SyncError: MongoDB or the files cannot be had; what is not back yet comes next time.
        """
        parse_month(month)

        async def work(shelf: ArchiveShelf) -> int:
            parts = [part for part in await self.parts(shop) if part.month == month]
            if not parts:
                raise ArchiveError(f"nothing of {month} is in the archive of {shop}")
            return sum([await shelf.restore(part) for part in parts])

        return await self._when_free(shop, work)

    async def orders_of(self, shop: ShopDomain, customer_id: int) -> list[Order]:
        """Return the archived orders of a customer, as they are by now.

        Raises:
            SyncError: MongoDB or the files cannot be had.
        """

        async def work(shelf: ArchiveShelf) -> list[Order]:
            found = []
            for part in await self.parts(shop):
                found += [
                    order
                    for order in await shelf.whole_orders(part)
                    if order.customer_id == customer_id
                ]
            return found

        return await self._when_free(shop, work)

    async def erase_person(self, shop: ShopDomain, customer_id: int) -> None:
        """Let archived orders of a customer be nobody's, in the files as well. Idempotent.

        Their tags go as well. In the files it also follows what has become of customers since.

        Raises:
            SyncError: MongoDB or the files cannot be had; it has to be done again.
        """

        async def work(shelf: ArchiveShelf) -> None:
            await shelf.mover.forget_customer(customer_id)
            for part in await self.parts(shop):
                await shelf.follow_customers(part)

        await self._when_free(shop, work)

    async def erase_shop(self, shop: ShopDomain) -> None:
        """Delete the files of a shop, and that they ever were. Idempotent.

        Its archived orders are gone with them: for a shop whose data is to be erased as a whole.

        Raises:
            SyncError: MongoDB or the files cannot be had; it has to be done again.
        """

        async def work(shelf: ArchiveShelf) -> None:
            await self._files.delete_shop(shop)
            for part in await self.parts(shop):
                await shelf.mover.remove(part)

        await self._when_free(shop, work)

    async def _run(
        self,
        shelf: ArchiveShelf,
        shop: Shop,
        is_time_up: Callable[[], bool],
        *,
        takes_restored: bool,
    ) -> Moved:
        moved = 0
        for known in await self.parts(shop.domain):
            part = await shelf.writer.clear_away(known)
            if part.state is PartState.MOVING:
                moved += await shelf.settle(part, is_time_up)
            elif part.state is PartState.RESTORING:
                await shelf.restore(part)
            if is_time_up():
                return Moved(orders=moved, is_done=False)
        after_days = shop.settings.archive_after_days
        if after_days is None:
            return Moved(orders=moved, is_done=True)
        zone = zone_of(shop.profile.iana_timezone)
        before = due_before(self._clock.now(), zone, after_days)
        since = _LONG_AGO
        orders = self._store.archivable(shop.domain)
        while (oldest := await orders.oldest(since=since, before=before)) is not None:
            if is_time_up():
                return Moved(orders=moved, is_done=False)
            parts = await self.parts(shop.domain)
            part = part_for(oldest, zone, before, parts)
            if not part.is_held or takes_restored:
                part = await self._cut(shelf, shop.domain, part, parts)
                part = await shelf.writer.write(part)
                moved += await shelf.settle(part, is_time_up)
            since = part.created_until
        return Moved(orders=moved, is_done=not is_time_up())

    async def _cut(
        self, shelf: ArchiveShelf, shop: ShopDomain, part: ArchivePart, parts: list[ArchivePart]
    ) -> ArchivePart:
        """Return the part, or the beginning of it where more orders are due than go into a file."""
        times = await self._store.archivable(shop).times(
            since=part.created_from,
            before=part.created_until,
            limit=self._orders_in_a_part + 1,
        )
        if len(times) <= self._orders_in_a_part:
            return part
        until = times[-1] if times[-1] > times[0] else times[-1] + _MILLISECOND
        if part.file is None:
            return msgspec.structs.replace(part, created_until=until)
        return await shelf.writer.split(part, until, number=free_number(part.month, parts))

    async def _when_free(
        self, shop: ShopDomain, work: Callable[[ArchiveShelf], Coroutine[None, None, T]]
    ) -> T:
        """Do the work once no other process works on the shop's archive."""
        while True:
            lease = await self._lease(shop)
            if lease is not None:
                return await self._under(lease, work)
            await self._clock.sleep(_LOOK_SECONDS)

    async def _lease(self, shop: ShopDomain) -> Lease | None:
        return await self._store.leases.acquire(
            shop, _LEASE_NAME, holder=self._holder, seconds=_LEASE_SECONDS
        )

    async def _under(
        self, lease: Lease, work: Callable[[ArchiveShelf], Coroutine[None, None, T]]
    ) -> T:
        leases = self._store.leases
        try:
            async with self._store.order_mover(lease) as mover:
                shelf = ArchiveShelf(
                    lease.shop,
                    files=self._files,
                    orders=self._store.archivable(lease.shop),
                    mover=mover,
                    clock=self._clock,
                )
                keep = leases.keep(lease, seconds=_LEASE_SECONDS, clock=self._clock)
                return await while_watching(work(shelf), keep)
        finally:
            await leases.release(lease)
