"""What the KPIs have to know of an order, and nothing else.

An order as stored knows all of it and may be used in its place; the facts are for whoever reads
many orders, or keeps little of them.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

import msgspec

from sync_engine.model.records import Order


class LineFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A line as ordered."""

    id: int
    title: str
    product_id: int | None
    quantity: int
    unit_price: Decimal
    total_discount: Decimal


class RefundLineFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Units of a line that were given back."""

    line_item_id: int
    subtotal: Decimal
    tax: Decimal


class RefundFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was given back at one time."""

    created_at: datetime
    line_items: tuple[RefundLineFacts, ...]
    shipping: Decimal
    shipping_tax: Decimal
    adjustment: Decimal
    adjustment_tax: Decimal


class OrderFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order as sold, with the refunds since."""

    id: int
    processed_at: datetime
    test: bool
    taxes_included: bool
    shipping_charged: Decimal
    total_tax: Decimal
    source_name: str | None
    country_code: str | None
    customer_id: int | None
    line_items: tuple[LineFacts, ...]
    refunds: tuple[RefundFacts, ...]


Sold = Order | OrderFacts


def without_products(order: OrderFacts, numbers: Collection[int]) -> OrderFacts:
    """Return the order as it is once these products are gone: their lines are custom lines."""
    lines = tuple(
        msgspec.structs.replace(line, product_id=None) if line.product_id in numbers else line
        for line in order.line_items
    )
    return msgspec.structs.replace(order, line_items=lines)


class Visit(msgspec.Struct, frozen=True, gc=False):
    """An order as one of its customer's: when, for how much, and what was given back of it when.

    Amounts are net sales: after discounts, without shipping and taxes.
    """

    at: datetime
    net_sold: Decimal
    returns: tuple[tuple[datetime, Decimal], ...]


def net_sold(order: Sold) -> Decimal:
    """Return what the lines of an order were sold for, after discounts and before any return."""
    total = Decimal(0)
    for line in order.line_items:
        total += line.unit_price * line.quantity - line.total_discount
    return total


def visit_of(order: Sold) -> Visit:
    """Return the order as a visit of its customer."""
    returns = tuple(
        (refund.created_at, sum((line.subtotal for line in refund.line_items), Decimal(0)))
        for refund in order.refunds
        if refund.line_items
    )
    return Visit(order.processed_at, net_sold(order), returns)
