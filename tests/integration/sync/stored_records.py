"""Everything that is stored of a shop, as lists that can be compared."""

from typing import Any

from sync_engine.store.records.reader import RecordReader
from sync_engine.store.store import ShopStore


async def stored(reader: RecordReader[Any, Any, Any]) -> list[Any]:
    """Return all records of a resource, by id."""
    found: list[Any] = []
    after = None
    while True:
        page = await reader.page(
            None, sort=next(iter(reader.sorts)), reverse=False, first=250, after=after
        )
        found += [item.node for item in page.items]
        if not page.has_next_page:
            return sorted(found, key=lambda record: record.id)
        after = page.items[-1].cursor


async def stored_records(shop: ShopStore) -> tuple[list[Any], list[Any], list[Any]]:
    """Return customers, products and orders."""
    return (
        await stored(shop.customers),
        await stored(shop.products),
        await stored(shop.orders),
    )
