"""Line items, shipping lines, taxes and discounts inside the REST Order resource.

Source: shopify.dev, REST Admin API reference, Order.
"""

from collections.abc import Sequence
from typing import Any

from sync_engine.simulator.gids import gid
from sync_engine.simulator.graphql_api.types.money_types import fixed_text
from sync_engine.simulator.records.line_item import (
    DiscountAllocation,
    DiscountApplication,
    LineItem,
    ShippingLine,
    TaxLine,
)
from sync_engine.simulator.rest_api.scalars import money_set, shop_amount


def line_json(line: LineItem) -> dict[str, Any]:
    """A line item."""
    return {
        "id": line.id,
        "admin_graphql_api_id": gid("LineItem", line.id),
        "attributed_staffs": [],
        "current_quantity": line.current_quantity,
        "fulfillable_quantity": line.unfulfilled_quantity,
        "fulfillment_service": "manual",
        "fulfillment_status": "fulfilled" if line.fulfilled_quantity else None,
        "gift_card": line.is_gift_card,
        "grams": line.weight_grams,
        "name": line.name,
        "price": shop_amount(line.unit_price),
        "price_set": money_set(line.unit_price),
        "product_exists": line.product_id is not None,
        "product_id": line.product_id,
        "properties": [{"name": key, "value": value} for key, value in line.custom_attributes],
        "quantity": line.quantity,
        "requires_shipping": line.requires_shipping,
        "sku": line.sku,
        "taxable": line.is_taxable,
        "title": line.title,
        "total_discount": shop_amount(line.line_discount),
        "total_discount_set": money_set(line.line_discount),
        "variant_id": line.variant_id,
        "variant_inventory_management": "shopify" if line.variant_id else None,
        "variant_title": line.variant_title,
        "vendor": line.vendor,
        "tax_lines": tax_lines_json(line.tax_lines),
        "duties": [],
        "discount_allocations": _allocations(line.discount_allocations),
    }


def shipping_line_json(line: ShippingLine) -> dict[str, Any]:
    """A shipping line."""
    return {
        "id": line.id,
        "carrier_identifier": None,
        "code": line.code,
        "current_discounted_price_set": money_set(line.discounted_price - line.refunded),
        "discounted_price": shop_amount(line.discounted_price),
        "discounted_price_set": money_set(line.discounted_price),
        "is_removed": False,
        "phone": None,
        "price": shop_amount(line.price),
        "price_set": money_set(line.price),
        "requested_fulfillment_service_id": None,
        "source": line.source,
        "title": line.title,
        "tax_lines": tax_lines_json(line.tax_lines),
        "discount_allocations": _allocations(line.discount_allocations),
    }


def tax_lines_json(taxes: Sequence[TaxLine]) -> list[dict[str, Any]]:
    """Taxes of a line or of a whole order."""
    return [
        {
            "channel_liable": False,
            "price": shop_amount(tax.price),
            "price_set": money_set(tax.price),
            "rate": tax.rate,
            "title": tax.title,
        }
        for tax in taxes
    ]


def application_json(application: DiscountApplication) -> dict[str, Any]:
    """A discount application; what it calls itself depends on its type."""
    fields: dict[str, Any] = {
        "target_type": application.target_type.lower(),
        "type": application.kind.lower(),
        "value": _value(application),
        "value_type": "percentage" if application.percentage else "fixed_amount",
        "allocation_method": application.allocation_method.lower(),
        "target_selection": application.target_selection.lower(),
    }
    if application.kind == "DISCOUNT_CODE":
        return {**fields, "code": application.title}
    if application.kind == "MANUAL":
        fields["description"] = application.description
    return {**fields, "title": application.title}


def _value(application: DiscountApplication) -> str:
    if application.fixed_amount is not None:
        return fixed_text(application.fixed_amount.presentment_money)
    return f"{application.percentage or 0}.0"


def _allocations(allocations: Sequence[DiscountAllocation]) -> list[dict[str, Any]]:
    return [
        {
            "amount": shop_amount(allocation.amount),
            "amount_set": money_set(allocation.amount),
            "discount_application_index": allocation.application.index,
        }
        for allocation in allocations
    ]
