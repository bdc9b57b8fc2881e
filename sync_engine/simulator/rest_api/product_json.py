"""The REST Product resource. It carries at most 100 variants, whatever the product has.

Source: shopify.dev, REST Admin API reference, Product; changelog of 2024-04-01.
"""

from typing import Any

from sync_engine.simulator.gids import gid
from sync_engine.simulator.graphql_api.types.money_types import fixed_text
from sync_engine.simulator.records.product import Product, ProductVariant
from sync_engine.simulator.rest_api.scalars import Writer

MAX_VARIANTS = 100

_OPTIONS = 3


def product_json(
    product: Product, write: Writer, *, most_variants: int | None = MAX_VARIANTS
) -> dict[str, Any]:
    """A product with its first variants."""
    return {
        "id": product.id,
        "title": product.title,
        "body_html": product.description_html,
        "vendor": product.vendor,
        "product_type": product.product_type,
        "created_at": write.moment(product.created_at),
        "handle": product.handle,
        "updated_at": write.moment(product.updated_at),
        "published_at": write.moment(product.published_at),
        "template_suffix": None,
        "published_scope": "global",
        "tags": ", ".join(product.tags),
        "status": product.status.lower(),
        "admin_graphql_api_id": gid("Product", product.id),
        "variants": [_variant(v, write) for v in product.variants[:most_variants]],
        "options": [
            {
                "id": option.id,
                "product_id": product.id,
                "name": option.name,
                "position": option.position,
                "values": option.values,
            }
            for option in product.options
        ],
        "images": [],
        "image": None,
    }


def _variant(variant: ProductVariant, write: Writer) -> dict[str, Any]:
    options = [*variant.options, *[None] * (_OPTIONS - len(variant.options))]
    compare_at = variant.compare_at_price
    return {
        "id": variant.id,
        "product_id": variant.product_id,
        "title": variant.title,
        "price": fixed_text(variant.price),
        "position": variant.position,
        "inventory_policy": variant.inventory_policy.lower(),
        "compare_at_price": None if compare_at is None else fixed_text(compare_at),
        "option1": options[0],
        "option2": options[1],
        "option3": options[2],
        "created_at": write.moment(variant.created_at),
        "updated_at": write.moment(variant.updated_at),
        "taxable": variant.is_taxable,
        "barcode": variant.barcode,
        "fulfillment_service": "manual",
        "grams": variant.weight_grams,
        "inventory_management": "shopify" if variant.is_tracked else None,
        "requires_shipping": variant.requires_shipping,
        "sku": variant.sku,
        "weight": variant.weight_grams / 1000,
        "weight_unit": "kg",
        "inventory_item_id": variant.inventory_item_id,
        "inventory_quantity": variant.inventory_quantity,
        "old_inventory_quantity": variant.inventory_quantity,
        "admin_graphql_api_id": gid("ProductVariant", variant.id),
        "image_id": None,
    }
