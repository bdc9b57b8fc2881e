"""What was given back: refunds, their lines, and the payments of an order.

Signs follow Shopify. An adjustment's amount is negative when the customer got more than the lines
and the shipping add up to (goodwill), positive when the shop kept some of it (a fee). So a refund's
total is its lines with taxes, plus shipping with taxes, minus its adjustments. Where prices include
taxes, subtotals contain them already and they are not added again.

Source: Order.refundDiscrepancySet in the Admin API ("A positive value indicates a difference in the
merchant's favor"), and order_adjustments of the REST Refund resource.
"""

from datetime import datetime

from msgspec import Struct

from sync_engine.simulator.records.line_item import LineItem, ShippingLine
from sync_engine.simulator.records.money import MoneyBag


class RefundLineItem(Struct, frozen=True, kw_only=True, gc=False):
    """Units of a line that came back.

    Attributes:
        restock_type: CANCEL, LEGACY_RESTOCK, NO_RESTOCK or RETURN.
        subtotal: After all discounts; with taxes where prices include them.
    """

    id: int
    line_item: LineItem
    quantity: int
    restock_type: str
    subtotal: MoneyBag
    tax: MoneyBag


class RefundShippingLine(Struct, frozen=True, kw_only=True, gc=False):
    """Shipping that was given back; with taxes where prices include them."""

    id: int
    shipping_line: ShippingLine
    subtotal: MoneyBag
    tax: MoneyBag


class OrderAdjustment(Struct, frozen=True, kw_only=True, gc=False):
    """The difference between the calculated and the actual refund; see the module for the sign."""

    id: int
    amount: MoneyBag
    tax_amount: MoneyBag
    reason: str


class OrderTransaction(Struct, frozen=True, kw_only=True, gc=False):
    """A movement of money, or the attempt at one.

    Attributes:
        kind: AUTHORIZATION, CAPTURE, SALE, REFUND or VOID.
        status: SUCCESS, FAILURE, PENDING or ERROR.
    """

    id: int
    order_id: int
    kind: str
    status: str
    gateway: str
    formatted_gateway: str
    amount: MoneyBag
    is_test: bool
    created_at: datetime
    processed_at: datetime
    parent: "OrderTransaction | None"


class Refund(Struct, frozen=True, kw_only=True, gc=False):
    """A record of money (or only of goods) given back."""

    id: int
    order_id: int
    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    note: str | None
    line_items: tuple[RefundLineItem, ...]
    shipping_lines: tuple[RefundShippingLine, ...]
    adjustments: tuple[OrderAdjustment, ...]
    transactions: tuple[OrderTransaction, ...]
    total: MoneyBag
