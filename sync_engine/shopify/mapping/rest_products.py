"""Products and their variants from REST, as pages and webhooks deliver them.

Source: shopify.dev, REST Admin API reference, Product, read 2026-11-23.
"""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from sync_engine.model.money import exact_amount
from sync_engine.model.records import Product, ProductVariant
from sync_engine.shopify.mapping.canonical import optional_text, split_tags, utc
from sync_engine.shopify.mapping.products import by_position
from sync_engine.shopify.mapping.rest import Mapped, told, untold

_MOST_VARIANTS = 100
"""Source: shopify.dev, changelog of 2024-04-01: REST shows no more variants of a product."""


class RestVariant(msgspec.Struct, gc=False):
    """A variant as REST delivers it; the prices are in the shop's currency."""

    id: int
    title: str
    price: str
    position: int
    sku: str | None = None
    compare_at_price: str | None = None
    inventory_quantity: int | None = None


class RestProduct(msgspec.Struct, gc=False):
    """A product as REST delivers it, with its first variants."""

    id: int
    created_at: datetime
    updated_at: datetime
    title: str
    handle: str
    vendor: str | None = None
    product_type: str | None = None
    status: str | UnsetType = UNSET
    tags: str | UnsetType | None = UNSET
    variants: list[RestVariant] | UnsetType = UNSET


def product_from_rest(payload: RestProduct, shop_currency: str) -> Mapped[Product]:
    """Return the canonical product; with as many variants as REST shows at most, some may lack.

    Raises:
        ValueError: a price or a moment in it is none.
    """
    variants = told(payload.variants, [])
    lacks = untold(payload, {"status": "status", "tags": "tags"})
    if not 0 < len(variants) < _MOST_VARIANTS:
        lacks.add("variants")
    by_id = {each.id: _variant(each, shop_currency) for each in variants}
    product = Product(
        id=payload.id,
        created_at=utc(payload.created_at),
        updated_at=utc(payload.updated_at),
        title=payload.title,
        handle=payload.handle,
        vendor=payload.vendor or "",
        product_type=payload.product_type or "",
        status=told(payload.status, "").upper(),
        tags=split_tags(told(payload.tags, None)),
        currency_code=shop_currency,
        variants=by_position(by_id.values()),
    )
    return Mapped(record=product, lacks=frozenset(lacks))


def _variant(payload: RestVariant, shop_currency: str) -> ProductVariant:
    compare_at = optional_text(payload.compare_at_price)
    return ProductVariant(
        id=payload.id,
        title=payload.title,
        sku=optional_text(payload.sku),
        price=exact_amount(payload.price, shop_currency),
        compare_at_price=None if compare_at is None else exact_amount(compare_at, shop_currency),
        inventory_quantity=payload.inventory_quantity,
        position=payload.position,
    )
