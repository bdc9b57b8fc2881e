"""Products and their variants."""

from datetime import datetime

import strawberry

from gateway.graphql.describing import api_type
from gateway.graphql.ids import global_id
from gateway.graphql.paging import Connection
from gateway.graphql.scalars import BigInt
from gateway.graphql.types.money import Money, money
from sync_engine.model import records


@api_type
class ProductVariant:
    """A form in which a product is sold, such as a size or a colour."""

    id: strawberry.ID = strawberry.field(description="Shopify's global id.")
    legacy_resource_id: BigInt = strawberry.field(description="The id in Shopify's REST API.")
    title: str = strawberry.field(description="The options that make the variant: Large / Red.")
    sku: str | None = strawberry.field(description="The stock keeping unit.")
    price: Money = strawberry.field(description="The price, in the shop's currency.")
    compare_at_price: Money | None = strawberry.field(
        description="The price before a reduction, in the shop's currency."
    )
    inventory_quantity: int | None = strawberry.field(
        description="How many can be sold, over all locations; null where stock is not counted."
    )


@api_type
class Product:
    """A product of a shop, as Shopify last gave it."""

    record: strawberry.Private[records.Product]
    id: strawberry.ID = strawberry.field(description="Shopify's global id.")
    legacy_resource_id: BigInt = strawberry.field(description="The id in Shopify's REST API.")
    title: str = strawberry.field(description="The name of the product.")
    handle: str = strawberry.field(description="The name in the shop's addresses.")
    vendor: str = strawberry.field(description="Who makes it.")
    product_type: str = strawberry.field(description="The shop's own category.")
    status: str = strawberry.field(description="ACTIVE, ARCHIVED, DRAFT or UNLISTED.")
    tags: list[str] = strawberry.field(description="The tags.")
    created_at: datetime = strawberry.field(description="When the product was made.")
    updated_at: datetime = strawberry.field(description="When the product was last changed.")

    @strawberry.field
    def variants(self) -> list[ProductVariant]:
        """All variants, in the order in which the shop shows them."""
        currency = self.record.currency_code
        return [_variant_of(variant, currency) for variant in self.record.variants]


def product_of(record: records.Product) -> Product:
    """Return a stored product as the API shows it."""
    return Product(
        record=record,
        id=global_id("Product", record.id),
        legacy_resource_id=BigInt(record.id),
        title=record.title,
        handle=record.handle,
        vendor=record.vendor,
        product_type=record.product_type,
        status=record.status,
        tags=list(record.tags),
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def _variant_of(record: records.ProductVariant, currency: str) -> ProductVariant:
    before = record.compare_at_price
    return ProductVariant(
        id=global_id("ProductVariant", record.id),
        legacy_resource_id=BigInt(record.id),
        title=record.title,
        sku=record.sku,
        price=money(record.price, currency),
        compare_at_price=None if before is None else money(before, currency),
        inventory_quantity=record.inventory_quantity,
    )


@api_type
class ProductConnection(Connection[Product]):
    """One page of products."""
