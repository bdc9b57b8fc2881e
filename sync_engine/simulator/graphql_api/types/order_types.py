"""Order.

`totalShippingPriceSet` is the price before shipping discounts and before refunds, as its REST twin
and its description up to 2026-07 say; `shippingLine.discountedPriceSet` is what was charged.
"""

from operator import attrgetter
from typing import Any

from msgspec import Struct

from sync_engine.simulator.gids import gid
from sync_engine.simulator.graphql_api.errors import not_simulated
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
from sync_engine.simulator.graphql_api.types.line_types import attributes
from sync_engine.simulator.graphql_api.types.lists import Count
from sync_engine.simulator.graphql_api.types.money_types import bag, shop_text
from sync_engine.simulator.records.line_item import TaxLine
from sync_engine.simulator.records.order import Order


class OrderApp(Struct, frozen=True):
    """The app that an order came from."""

    id: int
    name: str


class Cancellation(Struct, frozen=True):
    """That an order was cancelled."""

    order: Order


class Rounding(Struct, frozen=True):
    """Cash rounding: there is none."""

    order: Order


def _sequence(name: str, path: str) -> ConnectionField:
    read, key = attrgetter(path), attrgetter("id")
    return ConnectionField(
        lambda _arguments, _execution: lambda order: SequenceCollection(name, read(order), key)
    )


def _customer(_arguments: Arguments, execution: Execution) -> Getter:
    find = execution.state.lookup.lazy_customer
    return lambda order: find(order.customer_index)


def _first_of(path: str) -> BoundField:
    read = attrgetter(path)

    def bind(arguments: Arguments, _execution: Execution) -> Getter:
        first = arguments.get("first")
        for name in ("capturable", "manuallyResolvable"):
            if arguments.get(name) is not None:
                what = f"the argument `{name}` of `{path}`"
                raise not_simulated(what)
        return read if first is None else lambda order: read(order)[:first]

    return BoundField(bind)


def order_tax_lines(order: Order) -> list[TaxLine]:
    """Taxes of all lines and of shipping, added up by title and rate."""
    taxes = [tax for line in order.line_items for tax in line.tax_lines]
    taxes += [tax for line in order.shipping_lines for tax in line.tax_lines]
    sums: dict[tuple[str, int], TaxLine] = {}
    for tax in taxes:
        known = sums.get((tax.title, tax.rate_ppm))
        price = tax.price if known is None else known.price + tax.price
        sums[tax.title, tax.rate_ppm] = TaxLine(tax.title, tax.rate_ppm, price)
    return list(sums.values())


def _unpaid(order: Order) -> bool:
    return not order.totals.received and bool(order.totals.total)


def _fully_paid(order: Order) -> bool:
    return order.totals.received.shop_minor >= order.totals.total.shop_minor


def _weight(order: Order) -> str:
    return str(sum(line.weight_grams * line.quantity for line in order.line_items))


def _current_weight(order: Order) -> str:
    return str(sum(line.weight_grams * line.current_quantity for line in order.line_items))


def _address_matches(order: Order) -> bool:
    billing, shipping = order.billing_address, order.shipping_address
    if billing is None or shipping is None:
        return False
    return (billing.address1, billing.zip) == (shipping.address1, shipping.zip)


def _totals(**paths: str) -> dict[str, Field]:
    """Each money set with its deprecated sibling, a plain amount in the shop's currency."""
    fields: dict[str, Field] = {}
    for name, path in paths.items():
        fields[f"{name}Set"] = bag(f"totals.{path}")
        fields[name] = shop_text(attrgetter(f"totals.{path}"))
    return fields


def _any(_order: Any) -> bool:
    return True


def _none(_order: Any) -> None:
    return None


ORDER: FieldTable = {
    **_totals(
        cartDiscountAmount="cart_discounts",
        netPayment="net_payment",
        subtotalPrice="subtotal",
        totalCapturable="capturable",
        totalDiscounts="discounts",
        totalPrice="total",
        totalReceived="received",
        totalRefunded="refunded",
        totalShippingPrice="shipping",
        totalTax="tax",
    ),
    "currentCartDiscountAmountSet": bag("totals.current_cart_discounts"),
    "currentShippingPriceSet": bag("totals.current_shipping"),
    "currentSubtotalPriceSet": bag("totals.current_subtotal"),
    "currentTotalAdditionalFeesSet": Field(_none),
    "currentTotalDiscountsSet": bag("totals.current_discounts"),
    "currentTotalDutiesSet": Field(_none),
    "currentTotalPriceSet": bag("totals.current_total"),
    "currentTotalTaxSet": bag("totals.current_tax"),
    "originalTotalAdditionalFeesSet": Field(_none),
    "originalTotalDutiesSet": Field(_none),
    "originalTotalPriceSet": bag("original_total"),
    "refundDiscrepancySet": bag("totals.refund_discrepancy"),
    "totalOutstandingSet": bag("totals.outstanding"),
    "totalRefundedShippingSet": bag("totals.refunded_shipping"),
    "totalTipReceived": Field(attrgetter("totals.zero.shop_money")),
    "totalTipReceivedSet": bag("totals.zero"),
    "totalCashRoundingAdjustment": Field(Rounding),
    "app": Field(lambda order: OrderApp(*order.app)),
    "billingAddress": Field(attrgetter("billing_address")),
    "billingAddressMatchesShippingAddress": Field(_address_matches),
    "canMarkAsPaid": Field(lambda order: _unpaid(order) and order.cancelled_at is None),
    "canNotifyCustomer": Field(lambda order: bool(order.email or order.phone)),
    "cancelReason": Field(attrgetter("cancel_reason")),
    "cancellation": Field(lambda order: Cancellation(order) if order.cancelled_at else None),
    "cancelledAt": Field(attrgetter("cancelled_at")),
    "capturable": Field(lambda order: bool(order.totals.capturable)),
    "closed": Field(lambda order: order.closed_at is not None),
    "closedAt": Field(attrgetter("closed_at")),
    "confirmationNumber": Field(attrgetter("confirmation_number")),
    "confirmed": Field(_any),
    "createdAt": Field(attrgetter("created_at")),
    "currencyCode": Field(attrgetter("currencies.shop.code")),
    "currentSubtotalLineItemsQuantity": Field(
        lambda order: sum(line.current_quantity for line in order.line_items)
    ),
    "currentTotalWeight": Field(_current_weight),
    "customAttributes": Field(lambda order: attributes(order.custom_attributes)),
    "customer": BoundField(_customer),
    "customerAcceptsMarketing": Field(lambda _: False),
    "customerLocale": Field(attrgetter("customer_locale")),
    "discountApplications": ConnectionField(
        lambda _arguments, _execution: (
            lambda order: SequenceCollection(
                "Order.discountApplications", order.discount_applications, attrgetter("index")
            )
        )
    ),
    "discountCode": Field(lambda order: next(iter(order.discount_codes), None)),
    "discountCodes": Field(attrgetter("discount_codes")),
    "displayAddress": Field(lambda order: order.shipping_address or order.billing_address),
    "displayFinancialStatus": Field(attrgetter("financial_status")),
    "displayFulfillmentStatus": Field(attrgetter("fulfillment_status")),
    "dutiesIncluded": Field(lambda _: False),
    "edited": Field(attrgetter("is_edited")),
    "email": Field(attrgetter("email")),
    "estimatedTaxes": Field(lambda _: False),
    "fullyPaid": Field(_fully_paid),
    "id": Field(lambda order: gid("Order", order.id)),
    "legacyResourceId": Field(lambda order: str(order.id)),
    "lineItems": _sequence("Order.lineItems", "line_items"),
    "name": Field(attrgetter("name")),
    "note": Field(attrgetter("note")),
    "number": Field(attrgetter("number")),
    "paymentGatewayNames": Field(attrgetter("gateways")),
    "phone": Field(attrgetter("phone")),
    "poNumber": Field(attrgetter("po_number")),
    "presentmentCurrencyCode": Field(attrgetter("currencies.presentment.code")),
    "processedAt": Field(attrgetter("processed_at")),
    "refundable": Field(lambda order: bool(order.totals.net_payment)),
    "refunds": _first_of("refunds"),
    "requiresShipping": Field(attrgetter("requires_shipping")),
    "returnStatus": Field(attrgetter("return_status")),
    "shippingAddress": Field(attrgetter("shipping_address")),
    "shippingLine": Field(lambda order: next(iter(order.shipping_lines), None)),
    "shippingLines": _sequence("Order.shippingLines", "shipping_lines"),
    "sourceIdentifier": Field(_none),
    "sourceName": Field(attrgetter("source_name")),
    "subtotalLineItemsQuantity": Field(
        lambda order: sum(line.quantity for line in order.line_items)
    ),
    "tags": Field(attrgetter("tags")),
    "taxExempt": Field(attrgetter("is_tax_exempt")),
    "taxLines": Field(order_tax_lines),
    "taxesIncluded": Field(attrgetter("has_taxes_included")),
    "test": Field(attrgetter("is_test")),
    "totalWeight": Field(_weight),
    "transactions": _first_of("transactions"),
    "transactionsCount": Field(lambda order: Count(len(order.transactions), "EXACT")),
    "unpaid": Field(_unpaid),
    "updatedAt": Field(attrgetter("updated_at")),
}
ORDER_APP: FieldTable = {
    "id": Field(lambda app: gid("App", app.id)),
    "name": Field(attrgetter("name")),
}
ORDER_CANCELLATION: FieldTable = {"staffNote": Field(_none)}
CASH_ROUNDING_ADJUSTMENT: FieldTable = {
    "paymentSet": bag("order.totals.zero"),
    "refundSet": bag("order.totals.zero"),
}
