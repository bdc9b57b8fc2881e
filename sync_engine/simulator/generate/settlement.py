"""What an order adds up to: the one place where its totals are made.

Rules:
- total = subtotal + discounted shipping + taxes (the latter unless included)
- current total = the same over what was not refunded; adjustments do not change it
- net payment = received - refunded
- outstanding = current total - net payment + adjustments, so that a settled order owes nothing
"""

from collections.abc import Callable, Sequence
from operator import attrgetter

from msgspec import Struct, structs

from sync_engine.simulator.generate.pricing import part
from sync_engine.simulator.records.line_item import LineItem, ShippingLine
from sync_engine.simulator.records.money import MoneyBag
from sync_engine.simulator.records.order import Order, OrderTotals
from sync_engine.simulator.records.refund import OrderTransaction, Refund

Side = Callable[[MoneyBag], int]

_SHOP: Side = attrgetter("shop_minor")
_PRESENTMENT: Side = attrgetter("presentment_minor")
_INCOMING = frozenset({"SALE", "CAPTURE"})


def settle(
    *,
    lines: Sequence[LineItem],
    shipping_lines: Sequence[ShippingLine],
    refunds: Sequence[Refund],
    transactions: Sequence[OrderTransaction],
    has_taxes_included: bool,
    zero: MoneyBag,
) -> OrderTotals:
    """Add up an order from its parts, in each of its currencies."""
    pair = zero.pair

    def sums(side: Side) -> dict[str, int]:
        return _sums(
            side,
            lines=lines,
            shipping_lines=shipping_lines,
            refunds=refunds,
            transactions=transactions,
            has_taxes_included=has_taxes_included,
        )

    own = sums(_SHOP)
    seen = own if pair.presentment is pair.shop else sums(_PRESENTMENT)
    bags = {name: MoneyBag(amount, seen[name], pair) for name, amount in own.items()}
    return OrderTotals(**bags, zero=zero)


def _sums(
    side: Side,
    *,
    lines: Sequence[LineItem],
    shipping_lines: Sequence[ShippingLine],
    refunds: Sequence[Refund],
    transactions: Sequence[OrderTransaction],
    has_taxes_included: bool,
) -> dict[str, int]:
    subtotal = tax = line_discounts = cart_discounts = 0
    for line in lines:
        subtotal += side(line.subtotal)
        tax += side(line.tax)
        line_discounts += side(line.line_discount)
        cart_discounts += side(line.order_discount)
    shipping = discounted = 0
    for shipping_line in shipping_lines:
        shipping += side(shipping_line.price)
        discounted += side(shipping_line.discounted_price)
        tax += side(shipping_line.tax)
    discounts = line_discounts + cart_discounts + shipping - discounted
    back = _Back()
    if refunds:
        back = _given_back(side, lines, shipping_lines, refunds)
    received = sum(
        side(t.amount) for t in transactions if t.status == "SUCCESS" and t.kind in _INCOMING
    )
    total = subtotal + discounted
    current_total = total - back.subtotal - back.shipping
    current_tax = tax - back.tax
    if not has_taxes_included:
        total += tax
        current_total += current_tax
    return {
        "subtotal": subtotal,
        "shipping": shipping,
        "discounted_shipping": discounted,
        "tax": tax,
        "discounts": discounts,
        "cart_discounts": cart_discounts,
        "total": total,
        "current_subtotal": subtotal - back.subtotal,
        "current_shipping": discounted - back.shipping,
        "current_tax": current_tax,
        "current_discounts": discounts - back.discounts,
        "current_cart_discounts": cart_discounts - back.cart_discounts,
        "current_total": current_total,
        "received": received,
        "refunded": back.total,
        "refunded_shipping": back.shipping,
        "refund_discrepancy": back.discrepancy,
        "net_payment": received - back.total,
        "outstanding": current_total - (received - back.total) + back.discrepancy,
        "capturable": _capturable(side, transactions),
    }


def _given_back(
    side: Side,
    lines: Sequence[LineItem],
    shipping_lines: Sequence[ShippingLine],
    refunds: Sequence[Refund],
) -> "_Back":
    refunded = [line for line in lines if line.refunded_quantity]
    return _Back(
        subtotal=sum(side(line.refunded_subtotal) for line in refunded),
        tax=sum(side(line.refunded_tax) for line in refunded)
        + sum(side(line.refunded_tax) for line in shipping_lines),
        discounts=sum(
            side(line.unit_price) * line.refunded_quantity - side(line.refunded_subtotal)
            for line in refunded
        ),
        cart_discounts=sum(
            part(side(line.order_discount), line.quantity, 0, line.refunded_quantity)
            for line in refunded
        ),
        shipping=sum(side(line.refunded) for line in shipping_lines),
        total=sum(side(refund.total) for refund in refunds),
        discrepancy=sum(
            side(a.amount) + side(a.tax_amount) for refund in refunds for a in refund.adjustments
        ),
    )


class _Back(Struct, frozen=True, kw_only=True):
    """What refunds took away from an order, in one currency."""

    subtotal: int = 0
    tax: int = 0
    discounts: int = 0
    cart_discounts: int = 0
    shipping: int = 0
    total: int = 0
    discrepancy: int = 0


def settled(order: Order) -> Order:
    """The order with its totals and its financial status made anew from its parts."""
    totals = settle(
        lines=order.line_items,
        shipping_lines=order.shipping_lines,
        refunds=order.refunds,
        transactions=order.transactions,
        has_taxes_included=order.has_taxes_included,
        zero=order.totals.zero,
    )
    status = order.financial_status
    if status in {"PAID", "PARTIALLY_REFUNDED", "REFUNDED"}:
        status = paid_status(totals)
    return structs.replace(order, totals=totals, financial_status=status)


def paid_status(totals: OrderTotals) -> str:
    """PAID, PARTIALLY_REFUNDED or REFUNDED: how much of what was received went back."""
    if not totals.refunded:
        return "PAID"
    if totals.refunded.shop_minor >= totals.received.shop_minor:
        return "REFUNDED"
    return "PARTIALLY_REFUNDED"


def _capturable(side: Side, transactions: Sequence[OrderTransaction]) -> int:
    used = {t.parent.id for t in transactions if t.parent is not None}
    return sum(
        side(t.amount)
        for t in transactions
        if t.kind == "AUTHORIZATION" and t.status == "SUCCESS" and t.id not in used
    )
