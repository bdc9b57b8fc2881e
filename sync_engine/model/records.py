"""The canonical records: what every transport maps to and the store keeps.

They hold what bulk exports, GraphQL pages, REST pages and webhooks can all deliver. Money is in the
shop's currency. Lists that Shopify returns in no promised order are kept sorted by id, so that the
same shop gives the same records whichever way it was read.
"""

from datetime import datetime
from decimal import Decimal

import msgspec


class Customer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A customer; ``amount_spent`` is in the currency that Shopify states with it."""

    id: int
    created_at: datetime
    updated_at: datetime
    display_name: str
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    state: str
    tags: tuple[str, ...]
    country_code: str | None
    number_of_orders: int
    amount_spent: Decimal
    currency_code: str


class ProductVariant(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A variant; prices are in the shop's currency, ``position`` starts at 1."""

    id: int
    title: str
    sku: str | None
    price: Decimal
    compare_at_price: Decimal | None
    inventory_quantity: int | None
    position: int


class Product(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A product with its variants, sorted by position."""

    id: int
    created_at: datetime
    updated_at: datetime
    title: str
    handle: str
    vendor: str
    product_type: str
    status: str
    tags: tuple[str, ...]
    currency_code: str
    variants: tuple[ProductVariant, ...]


class LineItem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A line as ordered: before anything was removed or given back.

    ``total_discount`` is everything taken off the line: its own discounts and its shares of the
    order's. The product and the variant are null for a custom line and once they are deleted.
    """

    id: int
    title: str
    sku: str | None
    quantity: int
    product_id: int | None
    variant_id: int | None
    unit_price: Decimal
    total_discount: Decimal


class RefundLineItem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A line given back; ``subtotal`` is after discounts and, unless included, before taxes."""

    line_item_id: int
    quantity: int
    subtotal: Decimal
    tax: Decimal


class Refund(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was given back at one time, lines, shipping and the rest kept apart."""

    id: int
    created_at: datetime
    total: Decimal
    line_items: tuple[RefundLineItem, ...]
    shipping: Decimal
    shipping_tax: Decimal
    adjustment: Decimal
    adjustment_tax: Decimal


class Order(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order as sold, with the refunds since.

    ``total_shipping`` is Shopify's figure of that name; ``shipping_charged`` is what the customer
    paid for shipping after shipping discounts and before refunds.
    """

    id: int
    created_at: datetime
    updated_at: datetime
    name: str
    processed_at: datetime
    cancelled_at: datetime | None
    test: bool
    taxes_included: bool
    financial_status: str | None
    fulfillment_status: str | None
    currency_code: str
    presentment_currency_code: str
    subtotal: Decimal
    total_discounts: Decimal
    total_shipping: Decimal
    shipping_charged: Decimal
    total_tax: Decimal
    total_price: Decimal
    total_refunded: Decimal
    source_name: str | None
    country_code: str | None
    tags: tuple[str, ...]
    customer_id: int | None
    line_items: tuple[LineItem, ...]
    refunds: tuple[Refund, ...]


Record = Customer | Product | Order
Child = LineItem | ProductVariant
