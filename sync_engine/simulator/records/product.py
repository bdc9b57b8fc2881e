"""A product and its variants."""

from datetime import datetime

from msgspec import Struct

from sync_engine.simulator.records.money import Money


class ProductOption(Struct, frozen=True, kw_only=True, gc=False):
    """What variants of a product differ in, e.g. Size."""

    id: int
    name: str
    position: int
    values: tuple[str, ...]


class ProductVariant(Struct, frozen=True, kw_only=True, gc=False):
    """One version of a product that can be bought.

    Attributes:
        price: In the shop's currency, as the Admin API's `Money` scalar is.
        options: The value of each of the product's options, in their order.
    """

    id: int
    product_id: int
    product_title: str
    inventory_item_id: int
    title: str
    sku: str | None
    barcode: str | None
    price: Money
    compare_at_price: Money | None
    unit_cost: Money | None
    position: int
    inventory_quantity: int
    inventory_policy: str
    is_tracked: bool
    is_taxable: bool
    requires_shipping: bool
    weight_grams: int
    option_names: tuple[str, ...]
    options: tuple[str, ...]
    created_at: datetime
    updated_at: datetime

    @property
    def display_name(self) -> str:
        """Product title and variant title.

        Source: ProductVariant.displayName in the Admin API.
        """
        return f"{self.product_title} - {self.title}"

    @property
    def is_available_for_sale(self) -> bool:
        """Whether it can be bought: in stock, not tracked, or sold past zero."""
        return (
            not self.is_tracked
            or self.inventory_quantity > 0
            or self.inventory_policy == "CONTINUE"
        )


class Product(Struct, frozen=True, kw_only=True, gc=False):
    """A product; `status` is ACTIVE, ARCHIVED, DRAFT or UNLISTED."""

    index: int
    id: int
    title: str
    handle: str
    description_html: str
    vendor: str
    product_type: str
    status: str
    tags: tuple[str, ...]
    is_gift_card: bool
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    options: tuple[ProductOption, ...]
    variants: tuple[ProductVariant, ...]

    @property
    def total_inventory(self) -> int:
        """Stock over all tracked variants; may be negative."""
        return sum(v.inventory_quantity for v in self.variants if v.is_tracked)

    @property
    def has_only_default_variant(self) -> bool:
        """Whether nothing was ever chosen: one variant called Default Title."""
        return len(self.variants) == 1 and self.variants[0].title == "Default Title"
