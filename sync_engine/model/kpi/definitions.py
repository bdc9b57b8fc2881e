"""The definitions: what an order, and a customer, contribute to which day. All of them, here.

Amounts are in the shop's currency, days are the shop's. A sale counts on the day of its
``processed_at``, what is given back on the day of the refund's ``created_at``. Test orders
contribute nothing.
Orders whose prices include taxes carry them inside gross sales, discounts, returns and shipping as
priced, so their taxes do not come on top.

Source: help.shopify.com, "Sales reports" and "Sales finance report" (gross sales, discounts,
returns, net sales, shipping, taxes, total sales); ``docs/kpis.md`` says each with what differs.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, tzinfo
from decimal import Decimal
from itertools import pairwise

from sync_engine.model.kpi.facts import Sold, Visit
from sync_engine.model.kpi.rollups import Amount, CellKey, RollupKind, Rollups, local_day

UNKNOWN = "unknown"
"""The country of an order without a shipping address, the channel of one without a source."""

NEVER = 0
"""In the place of the days since the last time: there was none."""


def add_order(rollups: Rollups, order: Sold, zone: tzinfo, *, sign: int = 1) -> None:
    """Add what an order contributes by itself; with -1, take it out again."""
    if order.test:
        return
    products: defaultdict[CellKey, list[Amount]] = defaultdict(lambda: [0, Decimal(0), 0])
    units = 0
    gross = discounts = Decimal(0)
    for line in order.line_items:
        line_gross = line.unit_price * line.quantity
        units += line.quantity
        gross += line_gross
        discounts += line.total_discount
        cell = products[line.title if line.product_id is None else line.product_id]
        cell[0] += sign * line.quantity
        cell[1] += sign * (line_gross - line.total_discount)
        cell[2] = sign
    tax = order.total_tax
    on_top = Decimal(0) if order.taxes_included else tax
    sold_on = local_day(order.processed_at, zone)
    figures: list[Amount] = [
        *(sign, sign * units, sign * gross, sign * discounts, Decimal(0)),
        *(sign * order.shipping_charged, sign * tax, sign * on_top, Decimal(0)),
    ]
    rollups.add(RollupKind.SALES, sold_on, 0, figures)
    net = sign * (gross - discounts)
    country, channel = order.country_code or UNKNOWN, order.source_name or UNKNOWN
    rollups.add(RollupKind.COUNTRIES, sold_on, country, [sign, net])
    rollups.add(RollupKind.CHANNELS, sold_on, channel, [sign, net])
    for key, amounts in products.items():
        rollups.add(RollupKind.PRODUCTS, sold_on, key, amounts)
    if order.refunds:
        _add_refunds(rollups, order, zone, sign)


def _add_refunds(rollups: Rollups, order: Sold, zone: tzinfo, sign: int) -> None:
    product_of = {
        line.id: line.title if line.product_id is None else line.product_id
        for line in order.line_items
    }
    country, channel = order.country_code or UNKNOWN, order.source_name or UNKNOWN
    days = []
    for refund in order.refunds:
        day = local_day(refund.created_at, zone)
        days.append(day)
        back = tax = Decimal(0)
        for line in refund.line_items:
            back += line.subtotal
            tax += line.tax
            key = product_of.get(line.line_item_id, "")  # its line is still to come
            rollups.add(RollupKind.PRODUCTS, day, key, [0, -sign * line.subtotal, 0])
        tax += refund.shipping_tax
        on_top = Decimal(0) if order.taxes_included else tax
        figures: list[Amount] = [
            *(0, 0, Decimal(0), Decimal(0), sign * back, -sign * refund.shipping, -sign * tax),
            -sign * on_top,
            -sign * (refund.adjustment + refund.adjustment_tax),
        ]
        rollups.add(RollupKind.SALES, day, 0, figures)
        rollups.add(RollupKind.COUNTRIES, day, country, [0, -sign * back])
        rollups.add(RollupKind.CHANNELS, day, channel, [0, -sign * back])
    for day, gap in _gaps(days):
        rollups.add(RollupKind.REFUNDED, day, gap, [sign])


def add_customer(rollups: Rollups, visits: Sequence[Visit], zone: tzinfo, *, sign: int = 1) -> None:
    """Add what a customer contributes by all the orders it has; with -1, take it out again.

    Test orders are no visits. Without visits there is no customer.
    """
    if not visits:
        return
    days = [local_day(visit.at, zone) for visit in visits]
    cohort = min(days)[:7]
    months: set[str] = set()
    for day, gap in _gaps(days):
        rollups.add(RollupKind.VISITS, day, gap, [sign])
        is_first_of_month = day[:7] not in months
        months.add(day[:7])
        rollups.add(RollupKind.COHORTS, day, cohort, [sign * is_first_of_month, Decimal(0)])
    for day, visit in zip(days, visits, strict=True):
        rollups.add(RollupKind.COHORTS, day, cohort, [0, sign * visit.net_sold])
        for at, amount in visit.returns:
            rollups.add(RollupKind.COHORTS, local_day(at, zone), cohort, [0, -sign * amount])


def _gaps(days: Iterable[str]) -> list[tuple[str, int]]:
    """Return each of the days once, in order, with how many days before it the last one was."""
    distinct = sorted(set(days))
    numbers = [date.fromisoformat(day).toordinal() for day in distinct]
    gaps = [NEVER, *(later - earlier for earlier, later in pairwise(numbers))]
    return list(zip(distinct, gaps, strict=True))
