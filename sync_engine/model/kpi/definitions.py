"""The definitions: what an order, and a customer, contribute to which day. All of them, here.

Amounts are in the shop's currency, days are the shop's. A sale counts on the day of its
``processed_at``, what is given back on the day of the refund's ``created_at``. Test orders
contribute nothing.
Orders whose prices include taxes carry them inside gross sales, discounts, returns and shipping as
priced, so their taxes do not come on top.

Source: help.shopify.com, "Sales reports" and "Sales finance report" (gross sales, discounts,
returns, net sales, shipping, taxes, total sales); ``docs/kpis.md`` says each with what differs.
"""

from collections.abc import Iterable, Sequence
from datetime import date, tzinfo
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from sync_engine.model.kpi.facts import Sold, Visit
from sync_engine.model.kpi.rollups import (
    NEVER,
    Amount,
    CellKey,
    RollupKind,
    Rollups,
    local_day,
)

UNKNOWN = "unknown"
"""The country of an order without a shipping address, the channel of one without a source."""

_ZERO = Decimal(0)


def add_order(rollups: Rollups, order: Sold, zone: tzinfo, *, sign: int = 1) -> None:
    """Add what an order contributes by itself; with -1, take it out again."""
    if order.test:
        return
    units, gross, discounts = 0, _ZERO, _ZERO
    products: dict[CellKey, list[Amount]] = {}
    for line in order.line_items:
        quantity, discount = line.quantity, line.total_discount
        line_gross = line.unit_price * quantity
        units += quantity
        gross += line_gross
        discounts += discount
        key = line.title if line.product_id is None else line.product_id
        cell = products.get(key)
        if cell is None:
            products[key] = [quantity, line_gross - discount, 1]
        else:
            cell[0] += quantity
            cell[1] += line_gross - discount
    tax = order.total_tax
    on_top = _ZERO if order.taxes_included else tax
    day = local_day(order.processed_at, zone)
    figures: list[Amount] = [
        *(1, units, gross, discounts, _ZERO, order.shipping_charged, tax, on_top, _ZERO)
    ]
    net = gross - discounts
    add = rollups.add
    add(RollupKind.SALES, day, 0, figures, sign)
    add(RollupKind.COUNTRIES, day, order.country_code or UNKNOWN, [1, net], sign)
    add(RollupKind.CHANNELS, day, order.source_name or UNKNOWN, [1, net], sign)
    for key, cell in products.items():
        add(RollupKind.PRODUCTS, day, key, cell, sign)
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
        back, tax = _ZERO, refund.shipping_tax
        for line in refund.line_items:
            back += line.subtotal
            tax += line.tax
            key = product_of.get(line.line_item_id, "")  # its line is still to come
            rollups.add(RollupKind.PRODUCTS, day, key, [0, -line.subtotal, 0], sign)
        on_top = _ZERO if order.taxes_included else tax
        adjustment = refund.adjustment + refund.adjustment_tax
        figures: list[Amount] = [
            *(0, 0, _ZERO, _ZERO, back, -refund.shipping, -tax, -on_top, -adjustment)
        ]
        rollups.add(RollupKind.SALES, day, 0, figures, sign)
        rollups.add(RollupKind.COUNTRIES, day, country, [0, -back], sign)
        rollups.add(RollupKind.CHANNELS, day, channel, [0, -back], sign)
    for day, gap in _gaps(days):
        rollups.add(RollupKind.REFUNDED, day, gap, [1], sign)


def add_customer(rollups: Rollups, visits: Sequence[Visit], zone: tzinfo, *, sign: int = 1) -> None:
    """Add what a customer contributes by all the orders it has; with -1, take it out again.

    Test orders are no visits. Without visits there is no customer.
    """
    if not visits:
        return
    net_by_day: dict[str, Decimal] = {}
    for visit in visits:
        day = local_day(visit.at, zone)
        net_by_day[day] = net_by_day.get(day, _ZERO) + visit.net_sold
    cohort, month = min(net_by_day)[:7], ""
    for day, gap in _gaps(net_by_day):
        rollups.add(RollupKind.VISITS, day, gap, [1], sign)
        is_first_of_month = int(day[:7] != month)
        month = day[:7]
        rollups.add(RollupKind.COHORTS, day, cohort, [is_first_of_month, net_by_day[day]], sign)
    for visit in visits:
        for at, amount in visit.returns:
            rollups.add(RollupKind.COHORTS, local_day(at, zone), cohort, [0, -amount], sign)


def _gaps(days: Iterable[str]) -> list[tuple[str, int]]:
    """Return each of the days once, in order, with how many days before it the last one was."""
    distinct = sorted(set(days))
    if len(distinct) == 1:
        return [(distinct[0], NEVER)]
    numbers = [_day_number(day) for day in distinct]
    gaps = [NEVER, *(later - earlier for earlier, later in pairwise(numbers))]
    return list(zip(distinct, gaps, strict=True))


@lru_cache(maxsize=10_000)
def _day_number(day: str) -> int:
    return date.fromisoformat(day).toordinal()
