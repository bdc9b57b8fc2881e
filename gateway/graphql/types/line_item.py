"""The lines of an order."""

import strawberry

from gateway.graphql.context import Info
from gateway.graphql.describing import api_type
from gateway.graphql.ids import global_id
from gateway.graphql.types.money import Money, money
from gateway.graphql.types.product import Product, product_of
from sync_engine.model import records
from sync_engine.model.shop_domain import ShopDomain


@api_type
class LineItem:
    """A line of an order as it was ordered, before anything was removed or given back."""

    shop: strawberry.Private[ShopDomain]
    product_number: strawberry.Private[int | None]
    id: strawberry.ID = strawberry.field(description="Shopify's global id.")
    title: str = strawberry.field(description="The product's name when it was ordered.")
    sku: str | None = strawberry.field(description="The stock keeping unit.")
    quantity: int = strawberry.field(description="How many were ordered.")
    variant_id: strawberry.ID | None = strawberry.field(
        description="The variant that was ordered; null for a custom line and once it is deleted."
    )
    unit_price: Money = strawberry.field(description="The price of one, before any discount.")
    total_discount: Money = strawberry.field(
        description="Everything taken off the line: its own discounts and its shares of the "
        "order's."
    )

    @strawberry.field
    async def product(self, info: Info) -> Product | None:
        """The product that was ordered. Null for a custom line and for a product that is gone."""
        if self.product_number is None:
            return None
        record = await info.context.loaders.products.load((self.shop, self.product_number))
        return None if record is None else product_of(record)


def line_item_of(record: records.LineItem, shop: ShopDomain, currency: str) -> LineItem:
    """Return a stored line as the API shows it; amounts are in the shop's currency."""
    variant = record.variant_id
    return LineItem(
        shop=shop,
        product_number=record.product_id,
        id=global_id("LineItem", record.id),
        title=record.title,
        sku=record.sku,
        quantity=record.quantity,
        variant_id=None if variant is None else global_id("ProductVariant", variant),
        unit_price=money(record.unit_price, currency),
        total_discount=money(record.total_discount, currency),
    )
