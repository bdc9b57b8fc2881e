"""``echosignal kpis``: builds the rollups of a shop anew, or compares them with its orders."""

import time

from rich.console import Console
from rich.table import Table

from config.settings import Settings
from gateway.cli.running import CommandError
from sync_engine.engine import Engine
from sync_engine.model.kpi.comparison import Difference
from sync_engine.model.shop_domain import ShopDomain, parse_shop_domain
from sync_engine.open_engine import Duty, open_engine

_MOST_SHOWN = 20
_PRINT_SECONDS = 2.0


async def rebuild_kpis(settings: Settings, domain: str, console: Console) -> None:
    """Compute the rollups of a shop from its orders, while it goes on being synced and served."""
    async with open_engine(settings, duty=Duty.NONE) as engine:
        shop = await _known(engine, domain)
        began = last = time.monotonic()

        def progress(steps: int) -> None:
            nonlocal last
            if time.monotonic() - last >= _PRINT_SECONDS:
                last = time.monotonic()
                console.print(f"{steps:,} steps done; the figures shown are the old ones")

        console.print(f"Building the figures of {shop} from its orders. Ctrl-C: it goes on later.")
        await engine.rollups.rebuild(shop, progress)
    console.print(f"Done in {time.monotonic() - began:.1f} s.")


async def verify_kpis(settings: Settings, domain: str, console: Console) -> None:
    """Compare the rollups of a shop with what its orders come to; writes nothing.

    Raises:
        CommandError: they differ, or the shop was never connected.
    """
    async with open_engine(settings, duty=Duty.NONE) as engine:
        shop = await _known(engine, domain)
        is_whole = await engine.store.shop(shop).rollups.is_whole()
        found = await engine.rollups.verify(shop)
    if found:
        console.print(_table(found[:_MOST_SHOWN]))
        why = (
            f"echosignal kpis rebuild {shop} mends it"
            if is_whole
            else "they are still being filled: look again later"
        )
        raise CommandError(f"{len(found):,} figures of {shop} differ from its orders; {why}")
    console.print(f"Every figure of {shop} is what its orders come to.")


async def _known(engine: Engine, domain: str) -> ShopDomain:
    shop = parse_shop_domain(domain)
    if await engine.store.shops.get(shop) is None:
        raise CommandError(f"{shop} is not connected")
    return shop


def _table(found: list[Difference]) -> Table:
    table = Table("kind", "period", "of", "stored", "from the orders")
    for each in found:
        stored, computed = (
            ", ".join(map(str, amounts)) or "-" for amounts in (each.stored, each.computed)
        )
        table.add_row(each.kind, each.period, str(each.key), stored, computed)
    return table
