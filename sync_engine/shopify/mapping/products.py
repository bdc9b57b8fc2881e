"""Products and their variants from GraphQL nodes."""

from collections.abc import Iterable

import msgspec

from sync_engine.model.gid import gid_number
from sync_engine.model.money import exact_amount
from sync_engine.model.records import Product, ProductVariant
from sync_engine.shopify.mapping.canonical import optional_text, sorted_tags
from sync_engine.shopify.mapping.nodes import Int, Moment


class VariantNode(msgspec.Struct, gc=False, rename="camel"):
    """A variant as GraphQL delivers it; the prices are in the shop's currency."""

    id: str
    title: str
    price: str
    position: Int
    sku: str | None = None
    compare_at_price: str | None = None
    inventory_quantity: Int | None = None


class ProductNode(msgspec.Struct, gc=False, rename="camel"):
    """A product as GraphQL delivers it, without its variants."""

    id: str
    created_at: Moment
    updated_at: Moment
    title: str
    handle: str
    vendor: str
    product_type: str
    status: str
    tags: tuple[str, ...] = ()


def variant_from_node(node: VariantNode, shop_currency: str) -> ProductVariant:
    """Return the canonical variant.

    Raises:
        ValueError: an id or price in it is none.
    """
    compare_at = node.compare_at_price
    return ProductVariant(
        id=gid_number(node.id),
        title=node.title,
        sku=optional_text(node.sku),
        price=exact_amount(node.price, shop_currency),
        compare_at_price=None if compare_at is None else exact_amount(compare_at, shop_currency),
        inventory_quantity=node.inventory_quantity,
        position=node.position,
    )


def product_from_node(
    node: ProductNode, variants: Iterable[ProductVariant], shop_currency: str
) -> Product:
    """Return the canonical product, its variants by position, each once.

    Raises:
        ValueError: the id is none.
    """
    by_id = {variant.id: variant for variant in variants}
    return Product(
        id=gid_number(node.id),
        created_at=node.created_at,
        updated_at=node.updated_at,
        title=node.title,
        handle=node.handle,
        vendor=node.vendor,
        product_type=node.product_type,
        status=node.status,
        tags=sorted_tags(node.tags),
        currency_code=shop_currency,
        variants=by_position(by_id.values()),
    )


def by_position(variants: Iterable[ProductVariant]) -> tuple[ProductVariant, ...]:
    """Return variants in the canonical order."""
    return tuple(sorted(variants, key=lambda variant: (variant.position, variant.id)))
