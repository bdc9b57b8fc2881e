"""Refund with its lines and adjustments, and OrderTransaction.

Shipping that was given back is in `refundShippingLines` alone; `orderAdjustments` holds only the
difference between the calculated and the actual refund.

Source: REST Refund resource on shopify.dev ("As of the 2024-10 Admin API version, refunded shipping
costs are no longer considered order adjustments").
"""

from operator import attrgetter

from sync_engine.simulator.gids import gid
from sync_engine.simulator.graphql_api.execution import (
    Arguments,
    BoundField,
    ConnectionField,
    Execution,
    Field,
    FieldTable,
    Getter,
)
from sync_engine.simulator.graphql_api.paging import SequenceCollection
from sync_engine.simulator.graphql_api.types.money_types import bag, fixed_text, shop_text
from sync_engine.simulator.records.refund import OrderTransaction


def _sequence(name: str, path: str) -> ConnectionField:
    read, key = attrgetter(path), attrgetter("id")
    return ConnectionField(
        lambda _arguments, _execution: lambda source: SequenceCollection(name, read(source), key)
    )


def _order(_arguments: Arguments, execution: Execution) -> Getter:
    find, since = execution.state.lookup.order, execution.orders_created_from
    return lambda source: find(source.order_id, since)


def _refundable(transaction: OrderTransaction) -> bool:
    return transaction.kind in {"SALE", "CAPTURE"} and transaction.status == "SUCCESS"


REFUND: FieldTable = {
    "createdAt": Field(attrgetter("created_at")),
    "id": Field(lambda refund: gid("Refund", refund.id)),
    "legacyResourceId": Field(lambda refund: str(refund.id)),
    "note": Field(attrgetter("note")),
    "order": BoundField(_order),
    "orderAdjustments": _sequence("Refund.orderAdjustments", "adjustments"),
    "processedAt": Field(attrgetter("processed_at")),
    "refundLineItems": _sequence("Refund.refundLineItems", "line_items"),
    "refundShippingLines": _sequence("Refund.refundShippingLines", "shipping_lines"),
    "totalRefunded": Field(lambda refund: refund.total.shop_money),
    "totalRefundedSet": bag("total"),
    "transactions": _sequence("Refund.transactions", "transactions"),
    "updatedAt": Field(attrgetter("updated_at")),
}
REFUND_LINE_ITEM: FieldTable = {
    "id": Field(lambda line: gid("RefundLineItem", line.id)),
    "lineItem": Field(attrgetter("line_item")),
    "price": Field(lambda line: fixed_text(line.line_item.unit_price.shop_money)),
    "priceSet": bag("line_item.unit_price"),
    "quantity": Field(attrgetter("quantity")),
    "restockType": Field(attrgetter("restock_type")),
    "restocked": Field(lambda line: line.restock_type != "NO_RESTOCK"),
    "subtotal": shop_text(attrgetter("subtotal")),
    "subtotalSet": bag("subtotal"),
    "totalTax": shop_text(attrgetter("tax")),
    "totalTaxSet": bag("tax"),
}
REFUND_SHIPPING_LINE: FieldTable = {
    "id": Field(lambda line: gid("RefundShippingLine", line.id)),
    "shippingLine": Field(attrgetter("shipping_line")),
    "subtotalAmountSet": bag("subtotal"),
    "taxAmountSet": bag("tax"),
}
ORDER_ADJUSTMENT: FieldTable = {
    "amountSet": bag("amount"),
    "id": Field(lambda adjustment: gid("OrderAdjustment", adjustment.id)),
    "reason": Field(attrgetter("reason")),
    "taxAmountSet": bag("tax_amount"),
}
ORDER_TRANSACTION: FieldTable = {
    "amount": shop_text(attrgetter("amount")),
    "amountSet": bag("amount"),
    "amountV2": Field(lambda transaction: transaction.amount.shop_money),
    "createdAt": Field(attrgetter("created_at")),
    "errorCode": Field(lambda t: "GENERIC_ERROR" if t.status == "FAILURE" else None),
    "formattedGateway": Field(attrgetter("formatted_gateway")),
    "gateway": Field(attrgetter("gateway")),
    "id": Field(lambda transaction: gid("OrderTransaction", transaction.id)),
    "kind": Field(attrgetter("kind")),
    "manualPaymentGateway": Field(lambda transaction: transaction.gateway == "Bank Deposit"),
    "maximumRefundableV2": Field(lambda t: t.amount.shop_money if _refundable(t) else None),
    "order": BoundField(_order),
    "parentTransaction": Field(attrgetter("parent")),
    "processedAt": Field(attrgetter("processed_at")),
    "status": Field(attrgetter("status")),
    "test": Field(attrgetter("is_test")),
}
