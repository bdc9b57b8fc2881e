"""Refunds and transactions inside the REST Order resource.

Shipping that was given back shows twice, as answers of real stores do in 2026: in
`refund_shipping_lines`, and as an order adjustment of kind `shipping_refund` with a negative
amount.
`subtotal` and `total_tax` of a refund line are JSON numbers; their sets are text.

Source: shopify.dev, REST Admin API reference, Refund and Transaction.
"""

from typing import Any

from sync_engine.simulator.gids import gid
from sync_engine.simulator.graphql_api.types.money_types import fixed_text
from sync_engine.simulator.records.money import MoneyBag
from sync_engine.simulator.records.refund import (
    OrderTransaction,
    Refund,
    RefundLineItem,
    RefundShippingLine,
)
from sync_engine.simulator.rest_api.line_json import line_json, shipping_line_json
from sync_engine.simulator.rest_api.scalars import Writer, money_set, shop_amount


def refund_json(refund: Refund, write: Writer) -> dict[str, Any]:
    """A refund with its lines, adjustments and transactions."""
    zero = refund.total - refund.total
    adjustments = [
        _adjustment(
            refund, a.id, a.amount, a.tax_amount, kind="refund_discrepancy", reason=a.reason
        )
        for a in refund.adjustments
    ]
    adjustments += [
        _adjustment(
            refund, s.id, -s.subtotal, -s.tax, kind="shipping_refund", reason="Shipping refund"
        )
        for s in refund.shipping_lines
    ]
    return {
        "id": refund.id,
        "admin_graphql_api_id": gid("Refund", refund.id),
        "created_at": write.moment(refund.created_at),
        "note": refund.note,
        "order_id": refund.order_id,
        "processed_at": write.moment(refund.processed_at),
        "restock": any(line.restock_type != "NO_RESTOCK" for line in refund.line_items),
        "total_duties_set": money_set(zero),
        "user_id": None,
        "order_adjustments": adjustments,
        "transactions": [transaction_json(t, write) for t in refund.transactions],
        "refund_line_items": [_line(line) for line in refund.line_items],
        "refund_shipping_lines": [_shipping(line) for line in refund.shipping_lines],
        "duties": [],
    }


def transaction_json(transaction: OrderTransaction, write: Writer) -> dict[str, Any]:
    """A transaction, in the currency that the customer paid in."""
    money = transaction.amount.presentment_money
    return {
        "id": transaction.id,
        "admin_graphql_api_id": gid("OrderTransaction", transaction.id),
        "amount": fixed_text(money),
        "authorization": None,
        "created_at": write.moment(transaction.created_at),
        "currency": money.currency.code,
        "device_id": None,
        "error_code": "processing_error" if transaction.status == "FAILURE" else None,
        "gateway": transaction.gateway,
        "kind": transaction.kind.lower(),
        "location_id": None,
        "message": None,
        "order_id": transaction.order_id,
        "parent_id": None if transaction.parent is None else transaction.parent.id,
        "processed_at": write.moment(transaction.processed_at),
        "receipt": {},
        "source_name": "web",
        "status": transaction.status.lower(),
        "test": transaction.is_test,
        "user_id": None,
    }


def _line(line: RefundLineItem) -> dict[str, Any]:
    return {
        "id": line.id,
        "line_item_id": line.line_item.id,
        "location_id": None,
        "quantity": line.quantity,
        "restock_type": line.restock_type.lower(),
        "subtotal": float(line.subtotal.shop),
        "subtotal_set": money_set(line.subtotal),
        "total_tax": float(line.tax.shop),
        "total_tax_set": money_set(line.tax),
        "line_item": line_json(line.line_item),
    }


def _shipping(line: RefundShippingLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "shipping_line_id": line.shipping_line.id,
        "shipping_line": shipping_line_json(line.shipping_line),
        "subtotal_amount_set": money_set(line.subtotal),
        "tax_amount_set": money_set(line.tax),
    }


def _adjustment(
    refund: Refund, id_: int, amount: MoneyBag, tax: MoneyBag, *, kind: str, reason: str
) -> dict[str, Any]:
    return {
        "id": id_,
        "order_id": refund.order_id,
        "refund_id": refund.id,
        "amount": shop_amount(amount),
        "tax_amount": shop_amount(tax),
        "kind": kind,
        "reason": reason.replace("_", " ").capitalize(),
        "amount_set": money_set(amount),
        "tax_amount_set": money_set(tax),
    }
