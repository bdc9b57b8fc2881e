"""Orders and their lines from REST, as pages and webhooks deliver them.

Source: shopify.dev, REST Admin API reference, Order, read 2026-11-23.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

import msgspec
from msgspec import UNSET, UnsetType

from sync_engine.model.money import exact_amount
from sync_engine.model.records import LineItem, Order
from sync_engine.shopify.mapping.canonical import optional_text, split_tags, utc
from sync_engine.shopify.mapping.rest import Mapped, RestAddress, RestMoneySet, told, untold

STATUS_FIELDS = frozenset({"financial_status", "fulfillment_status"})
"""What nearly every order lacks: REST has fewer words for both than the Admin shows."""

_RECORD_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "taxes_included": "taxes_included",
        "presentment_currency": "presentment_currency_code",
        "subtotal_price_set": "subtotal",
        "total_discounts_set": "total_discounts",
        "total_shipping_price_set": "total_shipping",
        "total_tax_set": "total_tax",
        "total_price_set": "total_price",
        "tags": "tags",
        "line_items": "line_items",
    }
)
# The words of which each stands for exactly one of GraphQL's. An authorization that expired is
# "authorized" or "pending" in REST; only "fulfilled" is nothing else.
_CLEAR_FINANCIAL = frozenset({"paid", "partially_paid", "partially_refunded", "refunded", "voided"})
_CLEAR_FULFILLMENT = frozenset({"fulfilled"})


class RestReference(msgspec.Struct, gc=False):
    """Another record, of which only the id is read."""

    id: int


class RestAllocation(msgspec.Struct, gc=False):
    """The part of a discount that a line got."""

    amount_set: RestMoneySet


class RestLineItem(msgspec.Struct, gc=False):
    """A line as REST delivers it."""

    id: int
    title: str
    quantity: int
    price_set: RestMoneySet
    sku: str | None = None
    product_id: int | None = None
    variant_id: int | None = None
    product_exists: bool = True
    discount_allocations: tuple[RestAllocation, ...] = ()


class RestShippingLine(msgspec.Struct, gc=False):
    """A shipping method that the customer chose."""

    discounted_price_set: RestMoneySet | UnsetType = UNSET
    is_removed: bool = False


class RestOrder(msgspec.Struct, gc=False):
    """An order as REST delivers it.

    A guest's order has no ``customer`` and one that is not shipped no ``shipping_address``, not
    even null. Of refunds only their number is read.
    """

    id: int
    created_at: datetime
    updated_at: datetime
    name: str
    currency: str
    processed_at: datetime | None = None
    cancelled_at: datetime | None = None
    test: bool = False
    taxes_included: bool | UnsetType = UNSET
    financial_status: str | None = None
    fulfillment_status: str | None = None
    presentment_currency: str | UnsetType = UNSET
    subtotal_price_set: RestMoneySet | UnsetType = UNSET
    total_discounts_set: RestMoneySet | UnsetType = UNSET
    total_shipping_price_set: RestMoneySet | UnsetType = UNSET
    total_tax_set: RestMoneySet | UnsetType = UNSET
    total_price_set: RestMoneySet | UnsetType = UNSET
    shipping_lines: tuple[RestShippingLine, ...] | UnsetType = UNSET
    source_name: str | None = None
    shipping_address: RestAddress | None = None
    tags: str | UnsetType | None = UNSET
    customer: RestReference | None = None
    line_items: tuple[RestLineItem, ...] | UnsetType = UNSET
    refunds: tuple[RestReference, ...] | UnsetType = UNSET


def order_from_rest(payload: RestOrder) -> Mapped[Order]:
    """Return the canonical order, without its refunds: REST does not say what they add up to.

    Raises:
        ValueError: an amount or a moment in it is none.
    """
    currency = payload.currency
    zero = exact_amount("0", currency)

    def amount(bag: RestMoneySet | UnsetType) -> Decimal:
        return zero if isinstance(bag, UnsetType) else bag.exact(currency)

    address, financial, fulfillment = (
        payload.shipping_address,
        payload.financial_status,
        payload.fulfillment_status,
    )
    lines = {line.id: _line_item(line, currency) for line in told(payload.line_items, ())}
    shipping_charged = _shipping_charged(payload, zero)
    order = Order(
        id=payload.id,
        created_at=utc(payload.created_at),
        updated_at=utc(payload.updated_at),
        name=payload.name,
        processed_at=utc(payload.processed_at or payload.created_at),
        cancelled_at=None if payload.cancelled_at is None else utc(payload.cancelled_at),
        test=payload.test,
        taxes_included=told(payload.taxes_included, False),
        financial_status=None if financial is None else financial.upper(),
        fulfillment_status=None if fulfillment is None else fulfillment.upper(),
        currency_code=currency,
        presentment_currency_code=told(payload.presentment_currency, currency),
        subtotal=amount(payload.subtotal_price_set),
        total_discounts=amount(payload.total_discounts_set),
        total_shipping=amount(payload.total_shipping_price_set),
        shipping_charged=zero if shipping_charged is None else shipping_charged,
        total_tax=amount(payload.total_tax_set),
        total_price=amount(payload.total_price_set),
        total_refunded=zero,
        source_name=optional_text(payload.source_name),
        country_code=None if address is None else optional_text(address.country_code),
        tags=split_tags(told(payload.tags, None)),
        customer_id=None if payload.customer is None else payload.customer.id,
        line_items=tuple(lines[number] for number in sorted(lines)),
        refunds=(),
    )
    return Mapped(record=order, lacks=_lacks(payload, has_shipping=shipping_charged is not None))


def _lacks(payload: RestOrder, *, has_shipping: bool) -> frozenset[str]:
    lacks = untold(payload, _RECORD_FIELDS)
    if payload.processed_at is None:
        lacks.add("processed_at")
    if payload.financial_status not in _CLEAR_FINANCIAL:
        lacks.add("financial_status")
    if payload.fulfillment_status not in _CLEAR_FULFILLMENT:
        lacks.add("fulfillment_status")
    if payload.refunds != ():  # there are some, or nothing is said of them
        lacks |= {"refunds", "total_refunded"}
    if not has_shipping:
        lacks.add("shipping_charged")
    return frozenset(lacks)


def _shipping_charged(payload: RestOrder, zero: Decimal) -> Decimal | None:
    """Return what was paid for shipping; None where it is not clear what GraphQL would say.

    ``Order.shippingLine`` is one line, and which of several it is, or what it sums up, is nowhere
    documented.
    """
    lines = payload.shipping_lines
    if isinstance(lines, UnsetType):
        return None
    match lines:
        case ():
            return zero
        case (RestShippingLine(discounted_price_set=RestMoneySet() as paid, is_removed=False),):
            return paid.exact(payload.currency)
        case _:
            return None


def _line_item(line: RestLineItem, currency: str) -> LineItem:
    discount = exact_amount("0", currency)
    for allocation in line.discount_allocations:
        discount += allocation.amount_set.exact(currency)
    return LineItem(
        id=line.id,
        title=line.title,
        sku=optional_text(line.sku),
        quantity=line.quantity,
        product_id=line.product_id if line.product_exists else None,
        variant_id=line.variant_id if line.product_exists else None,
        unit_price=line.price_set.exact(currency),
        total_discount=discount,
    )
