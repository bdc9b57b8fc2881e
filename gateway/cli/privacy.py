"""``echosignal privacy``: what people have asked for, to be handed over by the operator."""

import os
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from config.settings import Settings
from gateway.cli.acting import record_command
from gateway.cli.running import CommandError
from sync_engine.model.shop_domain import parse_shop_domain
from sync_engine.open_engine import Duty, open_engine

_OWNER_ONLY = 0o600


async def list_requests(settings: Settings, domain: str | None, console: Console) -> None:
    """List the requests for data of which an export is kept, of one shop or of all."""
    shop = None if domain is None else parse_shop_domain(domain)
    table = Table("id", "shop", "customer", "Shopify's request", "asked", "kept until", "found")
    async with open_engine(settings, duty=Duty.NONE) as engine:
        for export in await engine.store.data_exports.list(shop):
            expires_at = export.made_at + timedelta(days=settings.retention.data_export_days)
            table.add_row(
                export.id,
                export.shop,
                str(export.customer_id),
                "" if export.request is None else str(export.request),
                f"{export.asked_at:%Y-%m-%d %H:%M}",
                f"{expires_at:%Y-%m-%d}",
                "nothing" if export.is_empty else "data",
            )
    console.print(table if table.row_count else "Nobody has asked for their data.")


async def write_export(settings: Settings, request_id: str, path: Path, console: Console) -> None:
    """Write an export to a new file that only this user can read.

    Raises:
        CommandError: there is no such export, or the file cannot be made.
    """
    async with open_engine(settings, duty=Duty.NONE) as engine:
        found = await engine.store.data_exports.read(request_id)
        if found is None:
            message = f"there is no export {request_id}: see echosignal privacy requests"
            raise CommandError(message)
        export, document = found
        about = {"request_id": export.id, "customer_id": export.customer_id}
        await record_command(engine, "privacy.export", export.shop, **about)
        _write(path, document)
    console.print(f"Wrote {path}: hand it over to the merchant, then delete it.")


def _write(path: Path, document: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            file.write(document)
    except FileExistsError:
        raise CommandError(f"{path} exists: give another name with -o") from None
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error
