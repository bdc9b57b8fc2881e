"""``echosignal shops``: connects shops by hand, lists them, lets them go."""

from rich.console import Console
from rich.table import Table

from config.settings import Settings
from gateway.cli.acting import record_command
from gateway.cli.required_secrets import require_app_credentials, require_encryption_keys
from gateway.cli.running import CommandError
from sync_engine.model.shop import AccessGrant, GrantKind, Shop
from sync_engine.model.shop_domain import parse_shop_domain
from sync_engine.open_engine import Duty, open_engine

_PAGE = 250


async def add_shop(
    settings: Settings, domain: str, access_token: str, console: Console, *, is_by_oauth: bool
) -> None:
    """Connect a shop by an Admin API token, as a merchant's custom app has one."""
    shop = parse_shop_domain(domain)
    require_encryption_keys(settings)
    kind = GrantKind.OAUTH if is_by_oauth else GrantKind.GIVEN
    async with open_engine(settings, duty=Duty.NONE) as engine:
        connected = await engine.connect(shop, AccessGrant(access_token=access_token, kind=kind))
        await record_command(engine, "shops.add", shop)
    _show_connected(connected, console)


async def add_own_shop(settings: Settings, domain: str, console: Console) -> None:
    """Connect a merchant's own shop by the key and secret of the merchant's own app.

    Raises:
        CommandError: they are not set.
    """
    shop = parse_shop_domain(domain)
    require_encryption_keys(settings)
    require_app_credentials(settings)
    async with open_engine(settings, duty=Duty.NONE) as engine:
        connected = await engine.arrivals.by_client_credentials(shop)
        await record_command(engine, "shops.add", shop)
    _show_connected(connected, console)


def _show_connected(shop: Shop, console: Console) -> None:
    console.print(f"Connected {shop.profile.name} ({shop.domain}).")
    console.print(f"Granted: {', '.join(shop.granted_scopes) or 'nothing'}.")
    console.print(f"Next: echosignal sync {shop.domain}")


async def list_shops(settings: Settings, console: Console) -> None:
    """List every shop that was ever connected."""
    table = Table("shop", "name", "status", "currency", "time zone", "last sync")
    after: str | None = None
    async with open_engine(settings, duty=Duty.NONE) as engine:
        while True:
            page = await engine.store.shops.page(first=_PAGE, after=after)
            for item in page.items:
                shop = item.node
                latest = await engine.store.shop(shop.domain).runs.latest()
                table.add_row(
                    shop.domain,
                    shop.profile.name,
                    shop.status.lower(),
                    shop.profile.currency_code,
                    shop.profile.iana_timezone,
                    "never" if latest is None else latest.state.lower(),
                )
                after = item.cursor
            if not page.has_next_page:
                break
    console.print(table if table.row_count else "No shop is connected.")


async def remove_shop(
    settings: Settings, domain: str, console: Console, *, purges_data: bool
) -> None:
    """Forget a shop's tokens and stop its work; its data stays unless it is to be purged."""
    shop = parse_shop_domain(domain)
    async with open_engine(settings, duty=Duty.NONE) as engine:
        if not await engine.disconnect(shop):
            raise CommandError(f"{shop} is not connected")
        if purges_data:
            await engine.purge(shop)
        await record_command(engine, "shops.remove", shop, is_purged=purges_data)
    console.print(
        f"Removed {shop} and all of its data."
        if purges_data
        else f"Disconnected {shop}. Its data is kept; --purge deletes it."
    )
