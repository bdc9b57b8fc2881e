"""The KPIs by brute force, over the simulator's orders and nothing of ours: what must come out.

Written from the definitions of the API contract, for readers and not for speed: every figure goes
through all orders of the shop again.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sync_engine.simulator.records.line_item import LineItem
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.records.refund import Refund
from sync_engine.simulator.shop import SimulatedShop

Figures = dict[str, Any]


class KpiReference:
    """The KPIs of one simulated shop as it is now."""

    def __init__(self, shop: SimulatedShop, timezone: str | None = None) -> None:
        self.zone = ZoneInfo(timezone or shop.spec.timezone)
        self.exponent = shop.currency.exponent
        self.orders = [order for order in shop.orders() if not order.is_test]
        self.titles = {product.id: product.title for product in shop.products()}

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def sold(self, first: date, last: date) -> list[Order]:
        return [order for order in self.orders if first <= self.day(order.processed_at) <= last]

    def refunds(self, first: date, last: date) -> list[tuple[Order, Refund]]:
        return [
            (order, refund)
            for order in self.orders
            for refund in order.refunds
            if first <= self.day(refund.created_at) <= last
        ]

    def values(self, first: date, last: date) -> Figures:
        sold, given_back = self.sold(first, last), self.refunds(first, last)
        lines = [line for order in sold for line in order.line_items]
        gross = total(line.unit_price.shop * line.quantity for line in lines)
        discounts = total(discount(line) for line in lines)
        returns = total(
            line.subtotal.shop for _, refund in given_back for line in refund.line_items
        )
        shipping = total(order.totals.discounted_shipping.shop for order in sold) - total(
            line.subtotal.shop for _, refund in given_back for line in refund.shipping_lines
        )
        taxes = {
            has_taxes: total(
                order.totals.tax.shop for order in sold if order.has_taxes_included is has_taxes
            )
            - total(
                tax_of(refund)
                for order, refund in given_back
                if order.has_taxes_included is has_taxes
            )
            for has_taxes in (False, True)
        }
        adjustments = -total(
            each.amount.shop + each.tax_amount.shop
            for _, refund in given_back
            for each in refund.adjustments
        )
        net = gross - discounts - returns
        seen = {order.customer_index for order in sold} - {None}
        firsts = {customer for customer in seen if min(self.days_of(customer)) >= first}
        average = None
        if sold:
            unit = Decimal(1).scaleb(-self.exponent)
            average = ((gross - discounts) / len(sold)).quantize(unit, ROUND_HALF_EVEN)
        return {
            "orders": len(sold),
            "units_sold": sum(line.quantity for line in lines),
            "gross_sales": gross,
            "discounts": discounts,
            "returns": returns,
            "net_sales": net,
            "shipping": shipping,
            "taxes": taxes[False] + taxes[True],
            "adjustments": adjustments,
            "total_sales": net + shipping - adjustments + taxes[False],
            "average_order_value": average,
            "customers": len(seen),
            "new_customers": len(firsts),
            "returning_customers": len(seen) - len(firsts),
            "returning_customer_rate": ((len(seen) - len(firsts)) / len(seen) if seen else None),
            "refunded_orders": len({order.id for order, _ in given_back}),
        }

    def days_of(self, customer: int | None) -> list[date]:
        return [
            self.day(order.processed_at)
            for order in self.orders
            if order.customer_index == customer
        ]

    def series(self, first: date, last: date, granularity: str) -> list[tuple[date, Figures]]:
        steps: dict[date, list[date]] = {}
        for day in days(first, last):
            start = {
                "DAY": day,
                "WEEK": day - timedelta(days=day.weekday()),
                "MONTH": day.replace(day=1),
            }[granularity]
            steps.setdefault(start, []).append(day)
        return [(start, self.values(each[0], each[-1])) for start, each in steps.items()]

    def products(self, first: date, last: date) -> dict[tuple[int | None, str], Figures]:
        found: dict[tuple[int | None, str], Figures] = {}

        def of(line: LineItem) -> Figures:
            title = line.title if line.product_id is None else self.titles[line.product_id]
            nothing = {"units_sold": 0, "net_sales": Decimal(0), "orders": set()}
            return found.setdefault((line.product_id, title), nothing)

        for order in self.sold(first, last):
            for line in order.line_items:
                of(line)["units_sold"] += line.quantity
                of(line)["net_sales"] += line.unit_price.shop * line.quantity - discount(line)
                of(line)["orders"].add(order.id)
        for order, refund in self.refunds(first, last):
            current = {line.id: line for line in order.line_items}
            for back in refund.line_items:
                of(current[back.line_item.id])["net_sales"] -= back.subtotal.shop
        return {
            key: each | {"orders": len(each["orders"])}
            for key, each in found.items()
            if each["orders"] or each["net_sales"]
        }

    def breakdown(self, first: date, last: date, key: Any) -> dict[str, Figures]:
        found: dict[str, Figures] = {}
        for order in self.sold(first, last):
            mine = found.setdefault(key(order), {"orders": 0, "net_sales": Decimal(0)})
            mine["orders"] += 1
            mine["net_sales"] += net_of(order)
        for order, refund in self.refunds(first, last):
            mine = found.setdefault(key(order), {"orders": 0, "net_sales": Decimal(0)})
            mine["net_sales"] -= total(line.subtotal.shop for line in refund.line_items)
        return {name: each for name, each in found.items() if any(each.values())}

    def cohort(self, month: date, last: date) -> list[tuple[int, Decimal]]:
        """Per month since: how many of the cohort bought something, and their net sales."""
        members = {
            order.customer_index
            for order in self.orders
            if order.customer_index is not None
            and min(self.days_of(order.customer_index)).replace(day=1) == month
        }
        periods = []
        while month <= last:
            end = min(last, (month + timedelta(days=32)).replace(day=1) - timedelta(days=1))
            sold = [each for each in self.sold(month, end) if each.customer_index in members]
            back = [each for each in self.refunds(month, end) if each[0].customer_index in members]
            net = total(net_of(order) for order in sold) - total(
                line.subtotal.shop for _, refund in back for line in refund.line_items
            )
            periods.append((len({order.customer_index for order in sold}), net))
            month = (month + timedelta(days=32)).replace(day=1)
        return periods


def discount(line: LineItem) -> Decimal:
    return line.line_discount.shop + line.order_discount.shop


def tax_of(refund: Refund) -> Decimal:
    lines = total(line.tax.shop for line in refund.line_items)
    return lines + total(line.tax.shop for line in refund.shipping_lines)


def net_of(order: Order) -> Decimal:
    return total(line.unit_price.shop * line.quantity - discount(line) for line in order.line_items)


def country(order: Order) -> str:
    address = order.shipping_address
    return "unknown" if address is None else address.country_code


def channel(order: Order) -> str:
    return order.source_name or "unknown"


def total(amounts: Any) -> Decimal:
    return sum(amounts, Decimal(0))


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)
