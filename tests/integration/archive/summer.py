"""Orders of July 2026, which are old enough to be archived, and what is looked at of them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sync_engine.model.records import Order
from sync_engine.store.store import Store
from tests.examples import SHOP, line_item, order
from tests.integration.archive.archives import (
    Documents,
)

SUMMER = datetime(2026, 7, 14, 12, tzinfo=UTC)


SEEN = SUMMER + timedelta(days=1)


def summer_order(number: int, **changes: Any) -> Order:
    """Return an order of July 2026, as every order here is, of a customer of its own."""
    at = SUMMER + timedelta(hours=number)
    fields = {
        "created_at": at,
        "processed_at": at,
        "updated_at": at,
        "customer_id": 100 + number,
        "tags": (f"gift for {100 + number}",),
        "line_items": (line_item(number, product_id=7, unit_price=Decimal("5.00")),),
    }
    return order(number, **(fields | changes))


Tell = Callable[..., Awaitable[None]]


async def figures(store: Store) -> Any:
    """Return all rollups, which have to agree with the orders."""
    assert await store.compare_rollups(SHOP) == []
    rollups = store.shop(SHOP).rollups
    state = await rollups.state()
    assert state is not None
    return {
        (kind, period): cells async for kind, period, cells in rollups.all_cells(state.shown.number)
    }


async def moved(documents: Documents) -> set[int]:
    return {number for number, each in (await documents.of(SHOP)).items() if "archived" in each}
