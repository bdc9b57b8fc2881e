"""``echosignal audit``: who changed what, and what was done about people's data."""

from collections.abc import AsyncIterator
from datetime import datetime

import orjson
from rich.console import Console
from rich.table import Table

from config.settings import Settings
from sync_engine.engine import Engine
from sync_engine.model.audit import AuditEntry
from sync_engine.model.shop_domain import ShopDomain, parse_shop_domain
from sync_engine.open_engine import Duty, open_engine

_PAGE = 250


async def show_audit(
    settings: Settings,
    domain: str | None,
    console: Console,
    *,
    since: datetime | None,
    limit: int,
) -> None:
    """List entries of one shop or of all, the newest first."""
    shop = None if domain is None else parse_shop_domain(domain)
    table = Table("at", "shop", "what", "who", "request", "details")
    async with open_engine(settings, duty=Duty.NONE) as engine:
        async for entry in _entries(engine, shop, since=since, limit=limit):
            table.add_row(
                f"{entry.at:%Y-%m-%d %H:%M:%S}",
                entry.shop,
                entry.what,
                entry.who,
                entry.correlation_id or "",
                orjson.dumps(entry.details).decode() if entry.details else "",
            )
    console.print(table if table.row_count else "There are no entries.")


async def _entries(
    engine: Engine, shop: ShopDomain | None, *, since: datetime | None, limit: int
) -> AsyncIterator[AuditEntry]:
    if shop is None:
        async for entry in engine.store.audit.newest(limit=limit, since=since):
            yield entry
        return
    after: str | None = None
    left = limit
    while left > 0:
        page = await engine.store.shop(shop).audit.page(
            first=min(left, _PAGE), after=after, since=since
        )
        for item in page.items:
            yield item.node
        if not page.has_next_page:
            return
        left -= len(page.items)
        after = page.items[-1].cursor
