"""Puts a refund on an order.

The generator uses it for the history, edits use it for refunds made later; so both obey the same
arithmetic. The amounts of a line's units are parts of the line's amounts, hence refunding all
units, in any number of refunds, gives back exactly what was paid for them.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, structs

from sync_engine.simulator.generate.ids import (
    LINES_PER_ORDER,
    REFUNDS_PER_ORDER,
    TRANSACTIONS_PER_ORDER,
    ShopIds,
)
from sync_engine.simulator.generate.pricing import part
from sync_engine.simulator.generate.settlement import settled
from sync_engine.simulator.records.line_item import LineItem, ShippingLine
from sync_engine.simulator.records.money import MoneyBag
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.records.refund import (
    OrderAdjustment,
    OrderTransaction,
    Refund,
    RefundLineItem,
    RefundShippingLine,
)

_PAID_KINDS = frozenset({"SALE", "CAPTURE"})


class RefundError(ValueError):
    """A refund that the order does not allow."""


class RefundRequest(Struct, frozen=True, kw_only=True):
    """What is to be given back.

    Attributes:
        quantities: Units by position of the line.
        shipping_share: Numerator and denominator of the part of the shipping still unrefunded.
        adjustment: Signed as Shopify signs it: negative gives more, positive keeps a fee.
    """

    at: datetime
    quantities: Mapping[int, int]
    restock_type: str
    shipping_share: tuple[int, int] = (0, 1)
    adjustment: MoneyBag | None = None
    reason: str = "REFUND_DISCREPANCY"
    note: str | None = None


def with_refund(order: Order, request: RefundRequest, ids: ShopIds) -> Order:
    """The order after the refund, settled.

    Raises:
        RefundError: More units than are left, more money than is left, or too many refunds.
    """
    number = len(order.refunds)
    if number >= REFUNDS_PER_ORDER:
        msg = f"order {order.id} has {number} refunds, no more are possible"
        raise RefundError(msg)
    key = order.index * REFUNDS_PER_ORDER + number
    lines, refund_lines = _refund_lines(order, request, ids, key)
    shipping, refund_shipping = _refund_shipping(order, request, ids, key)
    zero = order.totals.zero
    total = zero
    for line in refund_lines:
        total += line.subtotal if order.has_taxes_included else line.subtotal + line.tax
    for back in refund_shipping:
        total += back.subtotal if order.has_taxes_included else back.subtotal + back.tax
    adjustments: tuple[OrderAdjustment, ...] = ()
    if request.adjustment is not None and request.adjustment:
        total -= request.adjustment
        adjustments = (
            OrderAdjustment(
                id=ids.adjustments.id_of(key),
                amount=request.adjustment,
                tax_amount=zero,
                reason=request.reason,
            ),
        )
    left = order.totals.net_payment
    if not 0 <= total.shop_minor <= left.shop_minor or total.presentment_minor < 0:
        msg = f"refund of {total.shop} on order {order.id}, which has {left.shop} left"
        raise RefundError(msg)
    transactions = _transactions(order, request, ids, total)
    refund = Refund(
        id=ids.refunds.id_of(key),
        order_id=order.id,
        created_at=request.at,
        processed_at=request.at,
        updated_at=request.at,
        note=request.note,
        line_items=refund_lines,
        shipping_lines=refund_shipping,
        adjustments=adjustments,
        transactions=transactions,
        total=total,
    )
    is_return = any(line.restock_type == "RETURN" for line in refund_lines)
    return settled(
        structs.replace(
            order,
            line_items=lines,
            shipping_lines=shipping,
            refunds=(*_relinked(order.refunds, lines, shipping), refund),
            transactions=order.transactions + transactions,
            return_status="RETURNED" if is_return else order.return_status,
        )
    )


def _refund_lines(
    order: Order, request: RefundRequest, ids: ShopIds, key: int
) -> tuple[tuple[LineItem, ...], tuple[RefundLineItem, ...]]:
    lines, back = list(order.line_items), []
    for position, quantity in sorted(request.quantities.items()):
        if not 0 <= position < len(lines) or not 0 < quantity <= lines[position].current_quantity:
            msg = f"cannot refund {quantity} of line {position} of order {order.id}"
            raise RefundError(msg)
        line = lines[position]
        before, after = line.refunded_quantity, line.refunded_quantity + quantity
        subtotal = _part(line.subtotal, line.quantity, before, after)
        tax = _part(line.tax, line.quantity, before, after)
        lines[position] = structs.replace(
            line,
            refunded_quantity=after,
            refunded_subtotal=line.refunded_subtotal + subtotal,
            refunded_tax=line.refunded_tax + tax,
        )
        back.append(
            RefundLineItem(
                id=ids.refund_line_items.id_of(key * LINES_PER_ORDER + position),
                line_item=lines[position],
                quantity=quantity,
                restock_type=request.restock_type,
                subtotal=subtotal,
                tax=tax,
            )
        )
    return tuple(lines), tuple(back)


def _refund_shipping(
    order: Order, request: RefundRequest, ids: ShopIds, key: int
) -> tuple[tuple[ShippingLine, ...], tuple[RefundShippingLine, ...]]:
    numerator, denominator = request.shipping_share
    if not numerator or not order.shipping_lines:
        return order.shipping_lines, ()
    first, *others = order.shipping_lines
    subtotal = _part(first.discounted_price - first.refunded, denominator, 0, numerator)
    tax = _part(first.tax - first.refunded_tax, denominator, 0, numerator)
    if not subtotal:
        return order.shipping_lines, ()
    line = structs.replace(
        first, refunded=first.refunded + subtotal, refunded_tax=first.refunded_tax + tax
    )
    back = RefundShippingLine(
        id=ids.refund_shipping_lines.id_of(key), shipping_line=line, subtotal=subtotal, tax=tax
    )
    return (line, *others), (back,)


def _transactions(
    order: Order, request: RefundRequest, ids: ShopIds, total: MoneyBag
) -> tuple[OrderTransaction, ...]:
    if not total:
        return ()
    paid = [t for t in order.transactions if t.kind in _PAID_KINDS and t.status == "SUCCESS"]
    key = order.index * TRANSACTIONS_PER_ORDER + len(order.transactions)
    parent = paid[-1]
    return (
        OrderTransaction(
            id=ids.transactions.id_of(key),
            order_id=order.id,
            kind="REFUND",
            status="SUCCESS",
            gateway=parent.gateway,
            formatted_gateway=parent.formatted_gateway,
            amount=total,
            is_test=parent.is_test,
            created_at=request.at,
            processed_at=request.at,
            parent=parent,
        ),
    )


def _relinked(
    refunds: tuple[Refund, ...], lines: tuple[LineItem, ...], shipping: tuple[ShippingLine, ...]
) -> tuple[Refund, ...]:
    return tuple(
        structs.replace(
            refund,
            line_items=tuple(
                structs.replace(line, line_item=lines[line.line_item.position])
                for line in refund.line_items
            ),
            shipping_lines=tuple(
                structs.replace(line, shipping_line=shipping[0]) for line in refund.shipping_lines
            ),
        )
        for refund in refunds
    )


def _part(amount: MoneyBag, quantity: int, before: int, after: int) -> MoneyBag:
    return MoneyBag(
        part(amount.shop_minor, quantity, before, after),
        part(amount.presentment_minor, quantity, before, after),
        amount.pair,
    )
