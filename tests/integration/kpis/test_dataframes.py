"""The same figures from the stored orders by a dataframe library, which knows nothing of ours."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import polars as pl
import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from sync_engine.kpis.cache import ShopCache
from sync_engine.kpis.reports import KpiReports
from sync_engine.model.kpi.periods import Granularity, KpiComparison
from sync_engine.model.shop_change import ShopChange
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import connected_shop
from tests.integration.kpis.histories import batch_of, simulated
from tests.manual_clock import ManualClock
from tests.truth import expected_records

MONEY = pl.Decimal(38, 3)
FIRST, LAST = date(2026, 2, 1), date(2026, 10, 31)


@pytest.mark.parametrize(
    ("currency", "timezone"),
    [("USD", "America/New_York"), ("JPY", "Asia/Tokyo"), ("KWD", "Asia/Kuwait")],
)
async def test_a_dataframe_over_the_exported_orders_agrees(
    store: Store, mongodb_uri: str, database_name: str, currency: str, timezone: str
) -> None:
    name = f"frames-{currency.lower()}"
    spec = {"orders": 300, "customers": 60, "currency": currency, "timezone": timezone}
    shop = await connected_shop(
        store, ShopDomain(f"{name}.myshopify.com"), currency=currency, timezone=timezone
    )
    _, _, orders = expected_records(simulated(name, spec))
    async with store.changes(shop.domain) as changes:
        batch = batch_of(list(orders), datetime(2026, 11, 1, tzinfo=UTC))
        await changes.write(ShopChange(resource=Resource.ORDERS, batch=batch), now=FIRST_MOMENT)
    clock = ManualClock()
    report = await KpiReports(store, ShopCache(clock), clock).of(
        shop, FIRST, LAST, KpiComparison.NONE
    )
    exported = await export(mongodb_uri, database_name, shop.domain)
    sold, lines, back = frames(exported, timezone)
    between = pl.col("day").is_between(FIRST, LAST)

    totals = await report.totals()
    gross = (pl.col("unit_price") * pl.col("quantity")).sum()
    assert totals.orders == sold.filter(between).height
    assert totals.gross_sales == lines.filter(between).select(gross).item()
    assert totals.discounts == lines.filter(between)["total_discount"].sum()
    assert totals.returns == back.filter(between)["subtotal"].sum()
    ranged = sold.filter(between, pl.col("customer_id").is_not_null())
    assert totals.customers == ranged["customer_id"].n_unique()
    firsts = sold.drop_nulls("customer_id").group_by("customer_id").agg(pl.col("day").min())
    assert totals.new_customers == firsts.filter(between).height
    assert totals.refunded_orders == back.filter(between)["order"].n_unique()

    by_day = dict(sold.filter(between).group_by("day").len().iter_rows())
    for day, values in await report.series(Granularity.DAY):
        assert values.orders == by_day.get(day, 0)
    units = dict(
        lines.filter(between, pl.col("product_id").is_not_null())
        .group_by("product_id")
        .agg(pl.col("quantity").sum())
        .iter_rows()
    )
    ranked = await report.top_products(10**6, by_units=True)
    found = {each.product_id: each.units_sold for each in ranked if each.product_id is not None}
    assert {number: count for number, count in found.items() if count} == units


FIRST_MOMENT = datetime(2026, 11, 2, tzinfo=UTC)


async def export(uri: str, database: str, shop: str) -> list[dict[str, Any]]:
    """Return the stored orders as plain values, as an export to a file would have them."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, tz_aware=True)
    found = client[database]["orders"].find({"shop_id": shop})
    orders = [document async for document in found]
    client.close()
    plain: list[dict[str, Any]] = msgspec.to_builtins(
        orders, builtin_types=(datetime,), enc_hook=str
    )
    return plain


def frames(
    exported: list[dict[str, Any]], timezone: str
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the orders, their lines, and the lines of refunds (one empty one at least of each)."""
    counted = [order for order in exported if not order["test"]]
    sold = pl.DataFrame(
        [
            {
                "order": order["_id"]["id"],
                "at": order["processed_at"],
                "customer_id": order["customer_id"],
            }
            for order in counted
        ],
        schema={"order": pl.Int64, "at": pl.Datetime(time_zone="UTC"), "customer_id": pl.Int64},
    )
    lines = pl.DataFrame(
        [
            {
                "at": order["processed_at"],
                "product_id": line["product_id"],
                "quantity": line["quantity"],
                "unit_price": Decimal(line["unit_price"]),
                "total_discount": Decimal(line["total_discount"]),
            }
            for order in counted
            for line in order["line_items"]
        ],
        schema={
            "at": pl.Datetime(time_zone="UTC"),
            "product_id": pl.Int64,
            "quantity": pl.Int64,
            "unit_price": MONEY,
            "total_discount": MONEY,
        },
    )
    nothing = [{"subtotal": "0"}]
    back = pl.DataFrame(
        [
            {
                "order": order["_id"]["id"],
                "at": refund["created_at"],
                "subtotal": Decimal(line["subtotal"]),
            }
            for order in counted
            for refund in order["refunds"]
            for line in refund["line_items"] or nothing
        ],
        schema={"order": pl.Int64, "at": pl.Datetime(time_zone="UTC"), "subtotal": MONEY},
    )
    day = pl.col("at").dt.convert_time_zone(timezone).dt.date().alias("day")
    return sold.with_columns(day), lines.with_columns(day), back.with_columns(day)
