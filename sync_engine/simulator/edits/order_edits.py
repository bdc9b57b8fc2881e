"""What can happen to an order."""

from decimal import Decimal

from msgspec import structs

from sync_engine.simulator.edits.book import EditError, ShopBook
from sync_engine.simulator.edits.requests import Cancel, Refund
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.generate.ids import TRANSACTIONS_PER_ORDER
from sync_engine.simulator.generate.refunding import RefundError, RefundRequest, with_refund
from sync_engine.simulator.generate.settlement import settled
from sync_engine.simulator.records.money import MoneyBag
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.records.refund import OrderTransaction

PAYABLE = frozenset({"PENDING", "AUTHORIZED", "PARTIALLY_PAID", "EXPIRED"})


def create_order(book: ShopBook, customer_id: int | None) -> int:
    """Place an order now; returns its id."""
    shop = book.shop
    customer = None if customer_id is None else book.customer(customer_id)
    index = shop.order_set.end
    moment = max(book.now, shop.order_set.created_at_seconds(index - 1) if index else book.now)
    order = shop.order_generator.fresh(index, moment, None if customer is None else customer.index)
    if customer is not None:
        order = structs.replace(order, email=customer.email)
    return book.save_order(order, "orders/create", is_new=True).id


def refund_order(book: ShopBook, edit: Refund) -> None:
    """Give back what the edit says."""
    order = book.order(edit.id)
    quantities = {}
    positions = {line.id: line.position for line in order.line_items}
    for line in edit.lines:
        if line.line_item_id not in positions:
            msg = f"order {order.id} has no line {line.line_item_id}"
            raise EditError(msg)
        quantities[positions[line.line_item_id]] = line.quantity
    if edit.all_lines:
        quantities = _everything(order)
    request = RefundRequest(
        at=max(utc(book.now), order.updated_at),
        quantities=quantities,
        restock_type=edit.restock_type,
        shipping_share=edit.shipping_share,
        adjustment=None if edit.adjustment is None else _bag(order, edit.adjustment),
        reason=edit.reason,
        note=edit.note,
    )
    _save_refund(book, order, request)


def cancel_order(book: ShopBook, edit: Cancel) -> None:
    """Cancel an order; an authorization that is left is voided."""
    order = book.order(edit.id)
    if order.cancelled_at is not None:
        msg = f"order {order.id} is cancelled already"
        raise EditError(msg)
    moment = max(utc(book.now), order.updated_at)
    if edit.refund and order.totals.net_payment:
        request = RefundRequest(
            at=moment,
            quantities=_everything(order),
            restock_type="CANCEL",
            shipping_share=(1, 1),
        )
        order = _refunded(order, request, book)
        book.announce("refunds/create", "refund", order.id)
    status = order.financial_status
    cancelled = structs.replace(
        order,
        cancelled_at=moment,
        closed_at=moment,
        cancel_reason=edit.reason,
        financial_status="VOIDED" if status in {"PENDING", "AUTHORIZED"} else status,
        transactions=order.transactions + _void(order, book),
    )
    book.save_order(settled(cancelled), "orders/cancelled", "orders/updated")


def pay_order(book: ShopBook, id_: int) -> None:
    """Receive all that is owed."""
    order = book.order(id_)
    if order.financial_status not in PAYABLE:
        msg = f"order {id_} is {order.financial_status}, nothing is owed"
        raise EditError(msg)
    amount = order.totals.total - order.totals.received
    payment = _transaction(order, book, kind="SALE", amount=amount)
    paid = structs.replace(
        order, transactions=(*order.transactions, payment), financial_status="PAID"
    )
    book.save_order(settled(paid), "orders/paid", "orders/updated")


def fulfil_order(book: ShopBook, id_: int) -> None:
    """Ship all lines."""
    order = book.order(id_)
    lines = tuple(structs.replace(x, fulfilled_quantity=x.quantity) for x in order.line_items)
    shipped = structs.replace(order, line_items=lines, fulfillment_status="FULFILLED")
    book.save_order(shipped, "orders/fulfilled", "orders/updated")


def close_order(book: ShopBook, id_: int) -> None:
    """Archive an order."""
    order = book.order(id_)
    closed = structs.replace(order, closed_at=max(utc(book.now), order.updated_at))
    book.save_order(closed, "orders/updated")


def delete_order(book: ShopBook, id_: int) -> None:
    """Remove an order from every read."""
    order = book.order(id_)
    book.shop.delete_order(order.index)
    book.announce("orders/delete", "order", id_)
    book.touch_owner(order)


def _save_refund(book: ShopBook, order: Order, request: RefundRequest) -> None:
    refunded = _refunded(order, request, book)
    book.announce("refunds/create", "refund", order.id)
    book.save_order(refunded, "orders/updated")


def _refunded(order: Order, request: RefundRequest, book: ShopBook) -> Order:
    try:
        return with_refund(order, request, book.shop.ids)
    except RefundError as error:
        raise EditError(str(error)) from error


def _everything(order: Order) -> dict[int, int]:
    return {x.position: x.current_quantity for x in order.line_items if x.current_quantity}


def _bag(order: Order, amount: Decimal) -> MoneyBag:
    """An amount of the shop's currency with its worth in the customer's, by the order's rate."""
    return order.in_both_currencies(int(amount.scaleb(order.currencies.shop.exponent)))


def _void(order: Order, book: ShopBook) -> tuple[OrderTransaction, ...]:
    if order.financial_status != "AUTHORIZED":
        return ()
    return (_transaction(order, book, kind="VOID", amount=order.transactions[-1].amount),)


def _transaction(order: Order, book: ShopBook, *, kind: str, amount: MoneyBag) -> OrderTransaction:
    last = order.transactions[-1] if order.transactions else None
    place = len(order.transactions)
    moment = max(utc(book.now), order.updated_at)
    has_authorization = last is not None and last.kind == "AUTHORIZATION"
    is_capture = has_authorization and kind == "SALE"
    key = order.index * TRANSACTIONS_PER_ORDER + place
    return OrderTransaction(
        id=book.shop.ids.transactions.id_of(key),
        order_id=order.id,
        kind="CAPTURE" if is_capture else kind,
        status="SUCCESS",
        gateway="manual" if last is None else last.gateway,
        formatted_gateway="Manual" if last is None else last.formatted_gateway,
        amount=amount,
        is_test=order.is_test,
        created_at=moment,
        processed_at=moment,
        parent=last if has_authorization else None,
    )
