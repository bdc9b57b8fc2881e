"""The demo's last word: the KPIs of a year, asked for over the public API as a dashboard would."""

import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from gateway.cli.running import CommandError

_NEWEST = """
query($shop: ShopDomain!) { shop(domain: $shop) { orders(first: 1) { nodes { processedAt } } } }
"""
_KPIS = """
query($shop: ShopDomain!, $range: DateRangeInput!) {
  shop(domain: $shop) {
    kpis(range: $range, compareTo: PREVIOUS_YEAR) {
      currencyCode
      totals { ...figures }
      previous { ...figures }
      series(granularity: MONTH) { date values { orders netSales totalSales newCustomers } }
      topProducts(first: 3) { title unitsSold netSales }
    }
  }
}
fragment figures on KpiValues {
  orders grossSales discounts returns netSales shipping taxes adjustments totalSales
  averageOrderValue customers newCustomers returningCustomers refundedOrders
}
"""
_ROWS = {
    "orders": "orders",
    "gross sales": "grossSales",
    "discounts": "discounts",
    "returns": "returns",
    "net sales": "netSales",
    "shipping": "shipping",
    "taxes": "taxes",
    "adjustments": "adjustments",
    "total sales": "totalSales",
    "average order value": "averageOrderValue",
    "customers": "customers",
    "new customers": "newCustomers",
    "orders with a refund": "refundedOrders",
}
_DAYS = 365


async def show_kpis(console: Console, public_url: str, token: str, shop: str) -> None:
    """Print the KPIs of the shop's last year, beside those of the year before.

    Raises:
        CommandError: the API does not answer as it should.
    """
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=public_url, headers=headers, timeout=30) as http:
        newest = await _asked(http, _NEWEST, {"shop": shop})
        if not newest["orders"]["nodes"]:
            return
        until = date.fromisoformat(newest["orders"]["nodes"][0]["processedAt"][:10])
        since = until - timedelta(days=_DAYS - 1)
        variables = {"shop": shop, "range": {"from": str(since), "until": str(until)}}
        began = time.monotonic()
        kpis = (await _asked(http, _KPIS, variables))["kpis"]
        milliseconds = (time.monotonic() - began) * 1_000
    table = Table(f"{since} to {until}", kpis["currencyCode"], "a year before", "change")
    for column in table.columns[1:]:
        column.justify = "right"
    for label, field in _ROWS.items():
        now, before = kpis["totals"][field], kpis["previous"][field]
        table.add_row(label, _shown(now), _shown(before), _change(now, before))
    console.print()
    console.print(table)
    best = "; ".join(
        f"{each['title']} ({each['unitsSold']:,} sold)" for each in kpis["topProducts"]
    )
    console.print(f"Best sellers: {best}")
    console.print(
        f"Two years in days, twelve months and the best sellers: {milliseconds:.0f} ms over HTTP."
    )


async def _asked(http: httpx.AsyncClient, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    answer = (await http.post("/graphql", json={"query": query, "variables": variables})).json()
    if answer.get("errors") or not answer["data"]["shop"]:
        raise CommandError(f"the KPIs could not be asked for: {str(answer)[:300]}")
    shop: dict[str, Any] = answer["data"]["shop"]
    return shop


def _shown(value: str | int | None) -> str:
    if value is None:
        return "-"
    return f"{Decimal(value):,}" if isinstance(value, str) else f"{value:,}"


def _change(now: str | int | None, before: str | int | None) -> str:
    if now is None or not before or not Decimal(before):
        return ""
    return f"{Decimal(now) / Decimal(before) - 1:+.0%}"
