"""What a synced shop must look like, said over the simulator's generator and nothing of ours."""

from collections.abc import Iterable
from decimal import Decimal

from sync_engine.model import records
from sync_engine.simulator.records.customer import Customer
from sync_engine.simulator.records.line_item import LineItem
from sync_engine.simulator.records.money import MoneyBag
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.records.product import Product
from sync_engine.simulator.records.refund import Refund
from sync_engine.simulator.shop import SimulatedShop


def expected_customer(customer: Customer) -> records.Customer:
    address = customer.default_address
    return records.Customer(
        id=customer.id,
        created_at=customer.created_at,
        updated_at=customer.updated_at,
        display_name=customer.display_name,
        first_name=customer.first_name,
        last_name=customer.last_name,
        email=customer.email,
        phone=customer.phone,
        state=customer.state,
        tags=tuple(sorted(customer.tags)),
        country_code=None if address is None else address.country_code,
        number_of_orders=customer.number_of_orders,
        amount_spent=customer.amount_spent.amount,
        currency_code=customer.amount_spent.currency.code,
    )


def expected_product(product: Product, currency_code: str) -> records.Product:
    return records.Product(
        id=product.id,
        created_at=product.created_at,
        updated_at=product.updated_at,
        title=product.title,
        handle=product.handle,
        vendor=product.vendor,
        product_type=product.product_type,
        status=product.status,
        tags=tuple(sorted(product.tags)),
        currency_code=currency_code,
        variants=tuple(
            records.ProductVariant(
                id=variant.id,
                title=variant.title,
                sku=variant.sku,
                price=variant.price.amount,
                compare_at_price=(
                    None if variant.compare_at_price is None else variant.compare_at_price.amount
                ),
                inventory_quantity=variant.inventory_quantity,
                position=variant.position,
            )
            for variant in sorted(product.variants, key=lambda each: each.position)
        ),
    )


def expected_order(order: Order, customer_id: int | None) -> records.Order:
    totals = order.totals
    address = order.shipping_address
    return records.Order(
        id=order.id,
        created_at=order.created_at,
        updated_at=order.updated_at,
        name=order.name,
        processed_at=order.processed_at,
        cancelled_at=order.cancelled_at,
        test=order.is_test,
        taxes_included=order.has_taxes_included,
        financial_status=order.financial_status,
        fulfillment_status=order.fulfillment_status,
        currency_code=order.currencies.shop.code,
        presentment_currency_code=order.currencies.presentment.code,
        subtotal=totals.subtotal.shop,
        total_discounts=totals.discounts.shop,
        total_shipping=totals.shipping.shop,
        shipping_charged=totals.discounted_shipping.shop,
        total_tax=totals.tax.shop,
        total_price=totals.total.shop,
        total_refunded=totals.refunded.shop,
        source_name=order.source_name,
        country_code=None if address is None else address.country_code,
        tags=tuple(sorted(order.tags)),
        customer_id=customer_id,
        line_items=tuple(
            _line_item(line) for line in sorted(order.line_items, key=lambda line: line.id)
        ),
        refunds=tuple(
            _refund(refund, totals.zero)
            for refund in sorted(order.refunds, key=lambda refund: refund.id)
        ),
    )


def _line_item(line: LineItem) -> records.LineItem:
    return records.LineItem(
        id=line.id,
        title=line.title,
        sku=line.sku,
        quantity=line.quantity,
        product_id=line.product_id,
        variant_id=line.variant_id,
        unit_price=line.unit_price.shop,
        total_discount=(line.line_discount + line.order_discount).shop,
    )


def _refund(refund: Refund, zero: MoneyBag) -> records.Refund:
    return records.Refund(
        id=refund.id,
        created_at=refund.created_at,
        total=refund.total.shop,
        line_items=tuple(
            sorted(
                (
                    records.RefundLineItem(
                        line_item_id=line.line_item.id,
                        quantity=line.quantity,
                        subtotal=line.subtotal.shop,
                        tax=line.tax.shop,
                    )
                    for line in refund.line_items
                ),
                key=lambda line: (line.line_item_id, line.quantity, line.subtotal),
            )
        ),
        shipping=_sum((line.subtotal for line in refund.shipping_lines), zero),
        shipping_tax=_sum((line.tax for line in refund.shipping_lines), zero),
        adjustment=_sum((each.amount for each in refund.adjustments), zero),
        adjustment_tax=_sum((each.tax_amount for each in refund.adjustments), zero),
    )


def _sum(bags: Iterable[MoneyBag], zero: MoneyBag) -> Decimal:
    return sum(bags, zero).shop


def expected_records(
    shop: SimulatedShop,
) -> tuple[list[records.Customer], list[records.Product], list[records.Order]]:
    """Return all that a full sync of the shop must have stored, by id."""
    ids = {customer.index: customer.id for customer in shop.customers()}
    return (
        sorted(map(expected_customer, shop.customers()), key=lambda each: each.id),
        sorted(
            (expected_product(product, shop.currency.code) for product in shop.products()),
            key=lambda each: each.id,
        ),
        sorted(
            (
                expected_order(
                    order, None if order.customer_index is None else ids[order.customer_index]
                )
                for order in shop.orders()
            ),
            key=lambda each: each.id,
        ),
    )
