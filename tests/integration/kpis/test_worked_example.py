"""The example of docs/kpis.md comes out as it is printed there."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from sync_engine.kpis.cache import ShopCache
from sync_engine.kpis.reports import KpiReports
from sync_engine.model.kpi.periods import KpiComparison
from sync_engine.model.records import Order, Refund, RefundLineItem
from sync_engine.model.shop_change import ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import SHOP, batch, connected_shop, line_item, order
from tests.manual_clock import ManualClock

DOCUMENT = Path(__file__).parents[3] / "docs" / "kpis.md"
RANGES = {"24": (24, 24), "25": (25, 25), "26": (26, 26), "24 to 26": (24, 26)}


def euros(text: str) -> Decimal:
    return Decimal(text)


def orders() -> list[Order]:
    mugs = line_item(
        11, product_id=1, quantity=3, unit_price=euros("10.00"), total_discount=euros("3.00")
    )
    poster = line_item(12, product_id=2, unit_price=euros("20.00"))
    refund = Refund(
        id=1,
        created_at=datetime(2026, 10, 26, 9, tzinfo=UTC),
        total=euros("9.71"),
        line_items=(
            RefundLineItem(line_item_id=11, quantity=1, subtotal=euros("9.00"), tax=euros("1.71")),
        ),
        shipping=euros("0.00"),
        shipping_tax=euros("0.00"),
        adjustment=euros("1.00"),
        adjustment_tax=euros("0.00"),
    )
    ada = order(
        1,
        processed_at=datetime(2026, 10, 24, 21, 30, tzinfo=UTC),
        customer_id=7,
        line_items=(mugs, poster),
        shipping_charged=euros("5.00"),
        total_tax=euros("9.88"),
        refunds=(refund,),
        currency_code="EUR",
    )
    guest = order(
        2,
        processed_at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        line_items=(line_item(21, product_id=2, unit_price=euros("20.00")),),
        total_tax=euros("3.80"),
        currency_code="EUR",
    )
    return [ada, guest]


def printed() -> dict[str, dict[str, str]]:
    """Return the table of the document, by column and figure."""
    text = DOCUMENT.read_text().split("## A worked example")[1]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|") and "---" not in line
    ]
    head, *body = rows
    return {
        column: {row[0]: row[place] for row in body} for place, column in enumerate(head) if place
    }


async def test_the_worked_example_comes_out_as_printed(store: Store) -> None:
    shop = await connected_shop(store, currency="EUR")
    async with store.changes(SHOP) as changes:
        change = ShopChange(resource=Resource.ORDERS, batch=batch(*orders(), export_id=None))
        await changes.write(change, now=datetime(2026, 10, 27, tzinfo=UTC))
    clock = ManualClock()
    reports = KpiReports(store, ShopCache(clock), clock)
    table = printed()
    assert table.keys() == RANGES.keys()
    for column, (first, last) in RANGES.items():
        report = await reports.of(
            shop, date(2026, 10, first), date(2026, 10, last), KpiComparison.NONE
        )
        values = await report.totals()
        assert len(table[column]) == 14
        for figure, text in table[column].items():
            found = getattr(values, figure.replace(" ", "_"))
            assert ("-" if found is None else str(found)) == text, (column, figure)
