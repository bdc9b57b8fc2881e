"""A shop whose currency has changed: nothing is converted, and the new currency's name is shown."""

from datetime import date
from decimal import Decimal

from sync_engine.kpis.cache import ShopCache
from sync_engine.kpis.reports import KpiReports
from sync_engine.model.kpi.periods import KpiComparison
from sync_engine.model.shop_change import ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import MONDAY, SHOP, TUESDAY, batch, connected_shop, line_item, order
from tests.manual_clock import ManualClock


async def test_amounts_of_the_former_currency_are_added_as_they_are(store: Store) -> None:
    shop = await connected_shop(store, currency="JPY")
    before = order(1, currency_code="EUR", line_items=(line_item(1, unit_price=Decimal("10.55")),))
    after = order(
        2,
        processed_at=TUESDAY,
        currency_code="JPY",
        line_items=(line_item(2, unit_price=Decimal(1500)),),
    )
    async with store.changes(SHOP) as changes:
        orders = batch(before, after)
        await changes.write(ShopChange(resource=Resource.ORDERS, batch=orders), now=MONDAY)
    clock = ManualClock()
    reports = KpiReports(store, ShopCache(clock), clock)
    report = await reports.of(shop, date(2026, 11, 2), date(2026, 11, 3), KpiComparison.NONE)
    totals = await report.totals()
    assert report.currency_code == "JPY"
    assert str(totals.gross_sales) == "1510.55"  # every decimal there is
    assert str(totals.average_order_value) == "755"  # in those of the new currency
