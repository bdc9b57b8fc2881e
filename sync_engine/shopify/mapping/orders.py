"""Orders, their lines and the heads of their refunds from GraphQL nodes."""

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from sync_engine.model.gid import gid_number
from sync_engine.model.money import exact_amount
from sync_engine.model.records import LineItem, Order, Refund
from sync_engine.shopify.mapping.canonical import optional_text, sorted_tags
from sync_engine.shopify.mapping.nodes import (
    Address,
    Int,
    Moment,
    MoneyBag,
    Reference,
    amount_or_zero,
)


class _Allocation(msgspec.Struct, gc=False, rename="camel"):
    allocated_amount_set: MoneyBag


class LineItemNode(msgspec.Struct, gc=False, rename="camel"):
    """A line as GraphQL delivers it."""

    id: str
    title: str
    quantity: Int
    original_unit_price_set: MoneyBag
    sku: str | None = None
    product: Reference | None = None
    variant: Reference | None = None
    discount_allocations: tuple[_Allocation, ...] = ()


class RefundHead(msgspec.Struct, gc=False, rename="camel"):
    """A refund without its lists; of its two dates the first may be null."""

    id: str
    total_refunded_set: MoneyBag
    created_at: Moment | None = None
    processed_at: Moment | None = None


class _ShippingLine(msgspec.Struct, gc=False, rename="camel"):
    discounted_price_set: MoneyBag


class OrderNode(msgspec.Struct, gc=False, rename="camel"):
    """An order as GraphQL delivers it, without its lines."""

    id: str
    created_at: Moment
    updated_at: Moment
    name: str
    processed_at: Moment
    test: bool
    taxes_included: bool
    currency_code: str
    presentment_currency_code: str
    total_price_set: MoneyBag
    total_shipping_price_set: MoneyBag
    total_refunded_set: MoneyBag
    subtotal_price_set: MoneyBag | None = None
    total_discounts_set: MoneyBag | None = None
    total_tax_set: MoneyBag | None = None
    shipping_line: _ShippingLine | None = None
    cancelled_at: Moment | None = None
    display_financial_status: str | None = None
    display_fulfillment_status: str | None = None
    source_name: str | None = None
    shipping_address: Address | None = None
    customer: Reference | None = None
    tags: tuple[str, ...] = ()
    refunds: tuple[RefundHead, ...] = ()


def line_item_from_node(node: LineItemNode, shop_currency: str) -> LineItem:
    """Return the canonical line; its discount is the sum of all that was allocated to it.

    Shopify's own ``totalDiscountSet`` of a line leaves out its shares of the order's discounts.

    Raises:
        ValueError: an id or amount in it is none.
    """
    currency = node.original_unit_price_set.shop_money.currency_code or shop_currency
    discount = exact_amount("0", currency)
    for allocation in node.discount_allocations:
        discount += allocation.allocated_amount_set.exact(currency)
    return LineItem(
        id=gid_number(node.id),
        title=node.title,
        sku=optional_text(node.sku),
        quantity=node.quantity,
        product_id=None if node.product is None else gid_number(node.product.id),
        variant_id=None if node.variant is None else gid_number(node.variant.id),
        unit_price=node.original_unit_price_set.exact(currency),
        total_discount=discount,
    )


def order_from_node(node: OrderNode, lines: Iterable[LineItem]) -> Order:
    """Return the canonical order, its lines and refunds by id, each once.

    Of the refunds only the heads are filled in: their lists come from elsewhere.

    Raises:
        ValueError: an id or amount in it is none.
    """
    currency = node.currency_code
    line_by_id = {line.id: line for line in lines}
    refund_by_id = {gid_number(refund.id): refund for refund in node.refunds}
    address, shipping = node.shipping_address, node.shipping_line
    return Order(
        id=gid_number(node.id),
        created_at=node.created_at,
        updated_at=node.updated_at,
        name=node.name,
        processed_at=node.processed_at,
        cancelled_at=node.cancelled_at,
        test=node.test,
        taxes_included=node.taxes_included,
        financial_status=node.display_financial_status,
        fulfillment_status=node.display_fulfillment_status,
        currency_code=currency,
        presentment_currency_code=node.presentment_currency_code,
        subtotal=amount_or_zero(node.subtotal_price_set, currency),
        total_discounts=amount_or_zero(node.total_discounts_set, currency),
        total_shipping=node.total_shipping_price_set.exact(currency),
        shipping_charged=amount_or_zero(
            None if shipping is None else shipping.discounted_price_set, currency
        ),
        total_tax=amount_or_zero(node.total_tax_set, currency),
        total_price=node.total_price_set.exact(currency),
        total_refunded=node.total_refunded_set.exact(currency),
        source_name=optional_text(node.source_name),
        country_code=None if address is None else optional_text(address.country_code_v2),
        tags=sorted_tags(node.tags),
        customer_id=None if node.customer is None else gid_number(node.customer.id),
        line_items=tuple(line_by_id[number] for number in sorted(line_by_id)),
        refunds=tuple(
            _refund_from_head(number, refund_by_id[number], node) for number in sorted(refund_by_id)
        ),
    )


def _refund_from_head(number: int, head: RefundHead, order: OrderNode) -> Refund:
    zero: Decimal = exact_amount("0", order.currency_code)
    return Refund(
        id=number,
        created_at=head.created_at or head.processed_at or order.updated_at,
        total=head.total_refunded_set.exact(order.currency_code),
        line_items=(),
        shipping=zero,
        shipping_tax=zero,
        adjustment=zero,
        adjustment_tax=zero,
    )
