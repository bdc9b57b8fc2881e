"""``echosignal archive``: moves old orders of a shop to files, lists them, brings them back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from config.settings import Settings
from gateway.cli.acting import record_command
from gateway.cli.running import CommandError
from sync_engine.engine import Engine
from sync_engine.model.archive import ArchiveError, ArchivePart
from sync_engine.model.errors import ArchiveWaitsError
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import parse_shop_domain
from sync_engine.open_engine import Duty, open_engine

if TYPE_CHECKING:  # its library is an optional extra
    from sync_engine.archive.archive import Archive

_KIBIBYTE = 1024


async def list_archive(settings: Settings, domain: str, console: Console) -> None:
    """List the parts of a shop's archive.

    Raises:
        CommandError: the shop was never connected, or there is no archive.
    """
    async with _opened(settings, domain) as (_, archive, shop):
        parts = await archive.parts(shop.domain)
    if not parts:
        console.print(f"Nothing of {shop.domain} is in the archive.")
        return
    table = Table("month", "orders", "size", "state", "file")
    for part in parts:
        table.add_row(part.month, f"{part.orders:,}", _size(part), part.state.lower(), part.file)
    console.print(table)


async def run_archive(
    settings: Settings, domain: str, console: Console, *, takes_restored: bool
) -> None:
    """Move the orders of a shop that are due.

    Raises:
        CommandError: that is not possible now, or not set up.
    """
    async with _opened(settings, domain) as (engine, archive, shop):
        after_days = shop.settings.archive_after_days
        if after_days is None:
            raise CommandError(
                f"{shop.domain} keeps all orders: set archiveAfterDays with updateShopSettings"
            )
        try:
            moved = await archive.run(shop, takes_restored=takes_restored)
        except ArchiveWaitsError as error:
            raise CommandError(f"{error}; try again when the sync is over") from error
        await record_command(engine, "archive.run", shop.domain, orders=moved.orders)
    if not moved.is_done:
        raise CommandError("another process is at it: see echosignal archive list")
    console.print(f"{moved.orders:,} orders have moved: whole months older than {after_days} days.")


async def restore_month(settings: Settings, domain: str, month: str, console: Console) -> None:
    """Bring the orders of a month back.

    Raises:
        CommandError: nothing of the month is in the archive, or there is none.
    """
    async with _opened(settings, domain) as (engine, archive, shop):
        try:
            count = await archive.restore(shop.domain, month)
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        await record_command(engine, "archive.restore", shop.domain, month=month, orders=count)
    console.print(f"{count:,} orders of {month} are back.")


@asynccontextmanager
async def _opened(settings: Settings, domain: str) -> AsyncIterator[tuple[Engine, "Archive", Shop]]:
    name = parse_shop_domain(domain)
    async with open_engine(settings, duty=Duty.NONE) as engine:
        if engine.archive is None:
            raise CommandError("there is no archive: set ECHOSIGNAL_ARCHIVE_URL")
        shop = await engine.store.shops.get(name)
        if shop is None:
            raise CommandError(f"{name} is not connected")
        yield engine, engine.archive, shop


def _size(part: ArchivePart) -> str:
    return f"{part.size_bytes / _KIBIBYTE:,.0f} KiB"
