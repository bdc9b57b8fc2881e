"""The REST Order resource.

Source: shopify.dev, REST Admin API reference, Order.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sync_engine.simulator.gids import gid
from sync_engine.simulator.graphql_api.types.order_types import order_tax_lines
from sync_engine.simulator.records.line_item import DiscountApplication
from sync_engine.simulator.records.money import MoneyBag
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.rest_api.customer_json import order_customer_json
from sync_engine.simulator.rest_api.line_json import (
    application_json,
    line_json,
    shipping_line_json,
    tax_lines_json,
)
from sync_engine.simulator.rest_api.refund_json import refund_json
from sync_engine.simulator.rest_api.scalars import (
    Writer,
    address_json,
    money_set,
    shop_amount,
)
from sync_engine.simulator.shop import SimulatedShop

# Whatever is not in this table has no fulfilment status in REST.
FULFILLMENT_STATUSES: Mapping[str, str] = MappingProxyType(
    {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial", "RESTOCKED": "restocked"}
)
_FIRST_NUMBER = 1000


def order_json(order: Order, shop: SimulatedShop, write: Writer) -> dict[str, Any]:
    """An order with all that belongs to it, except its transactions outside refunds."""
    return {
        "id": order.id,
        "admin_graphql_api_id": gid("Order", order.id),
        **_circumstances(order, write),
        **_amounts(order),
        "billing_address": _address(order.billing_address),
        "customer": _customer(order, shop, write),
        "discount_applications": [application_json(a) for a in order.discount_applications],
        "discount_codes": [_code(order, a) for a in order.discount_applications if _is_code(a)],
        "fulfillments": [],
        "line_items": [line_json(line) for line in order.line_items],
        "payment_terms": None,
        "refunds": [refund_json(refund, write) for refund in order.refunds],
        "shipping_address": _address(order.shipping_address),
        "shipping_lines": [shipping_line_json(line) for line in order.shipping_lines],
        "tax_lines": tax_lines_json(order_tax_lines(order)),
    }


def _circumstances(order: Order, write: Writer) -> dict[str, Any]:
    status = order.financial_status
    return {
        "app_id": order.app[0],
        "browser_ip": None,
        "buyer_accepts_marketing": False,
        "cancel_reason": order.cancel_reason.lower() if order.cancel_reason else None,
        "cancelled_at": write.moment(order.cancelled_at),
        "cart_token": None,
        "checkout_id": None,
        "checkout_token": None,
        "closed_at": write.moment(order.closed_at),
        "confirmation_number": order.confirmation_number,
        "confirmed": True,
        "contact_email": order.email,
        "created_at": write.moment(order.created_at),
        "currency": order.currencies.shop.code,
        "customer_locale": order.customer_locale,
        "device_id": None,
        "duties_included": False,
        "email": order.email or "",
        "estimated_taxes": False,
        "financial_status": None if status is None else status.lower(),
        "fulfillment_status": FULFILLMENT_STATUSES.get(order.fulfillment_status),
        "landing_site": None,
        "location_id": None,
        "name": order.name,
        "note": order.note,
        "note_attributes": [
            {"name": key, "value": value} for key, value in order.custom_attributes
        ],
        "number": order.number - _FIRST_NUMBER,
        "order_number": order.number,
        "payment_gateway_names": order.gateways,
        "phone": order.phone,
        "po_number": order.po_number,
        "presentment_currency": order.currencies.presentment.code,
        "processed_at": write.moment(order.processed_at),
        "referring_site": None,
        "source_identifier": None,
        "source_name": order.source_name,
        "source_url": None,
        "tags": ", ".join(order.tags),
        "tax_exempt": order.is_tax_exempt,
        "taxes_included": order.has_taxes_included,
        "test": order.is_test,
        "total_weight": sum(line.weight_grams * line.quantity for line in order.line_items),
        "updated_at": write.moment(order.updated_at),
        "user_id": None,
    }


def _amounts(order: Order) -> dict[str, Any]:
    totals = order.totals
    lines = totals.zero
    for line in order.line_items:
        lines += line.original_total
    return {
        **_both("current_subtotal_price", totals.current_subtotal),
        **_both("current_total_discounts", totals.current_discounts),
        **_both("current_total_price", totals.current_total),
        **_both("current_total_tax", totals.current_tax),
        **_both("subtotal_price", totals.subtotal),
        **_both("total_discounts", totals.discounts),
        **_both("total_line_items_price", lines),
        **_both("total_price", totals.total),
        **_both("total_tax", totals.tax),
        "current_shipping_price_set": money_set(totals.current_shipping),
        "current_total_additional_fees_set": None,
        "current_total_duties_set": None,
        "original_total_additional_fees_set": None,
        "original_total_duties_set": None,
        "total_outstanding": shop_amount(totals.outstanding),
        "total_shipping_price_set": money_set(totals.shipping),
        "total_tip_received": shop_amount(totals.zero),
    }


def _both(name: str, bag: MoneyBag) -> dict[str, Any]:
    return {name: shop_amount(bag), f"{name}_set": money_set(bag)}


def _address(address: Any) -> dict[str, Any] | None:
    return None if address is None else address_json(address)


def _customer(order: Order, shop: SimulatedShop, write: Writer) -> dict[str, Any] | None:
    if order.customer_index is None:
        return None
    customer = shop.customer_set.get(order.customer_index)
    return None if customer is None else order_customer_json(customer, write)


def _is_code(application: DiscountApplication) -> bool:
    return application.kind == "DISCOUNT_CODE"


def _code(order: Order, application: DiscountApplication) -> dict[str, Any]:
    amount = order.totals.zero
    allocations = [a for line in order.line_items for a in line.discount_allocations]
    allocations += [a for line in order.shipping_lines for a in line.discount_allocations]
    for allocation in allocations:
        if allocation.application.index == application.index:
            amount += allocation.amount
    kind = "percentage" if application.percentage else "fixed_amount"
    if application.target_type == "SHIPPING_LINE":
        kind = "shipping"
    return {"code": application.title, "amount": shop_amount(amount), "type": kind}
