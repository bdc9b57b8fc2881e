"""Product, ProductVariant, InventoryItem and their small parts."""

from operator import attrgetter

from msgspec import Struct

from sync_engine.simulator.gids import gid
from sync_engine.simulator.graphql_api.execution import (
    Arguments,
    BoundField,
    ConnectionField,
    Execution,
    Field,
    FieldTable,
    Getter,
)
from sync_engine.simulator.graphql_api.paging import SequenceCollection
from sync_engine.simulator.graphql_api.types.lists import Count
from sync_engine.simulator.graphql_api.types.money_types import fixed_text
from sync_engine.simulator.records.money import Money
from sync_engine.simulator.records.product import Product, ProductVariant


class PriceRange(Struct, frozen=True):
    """The lowest and the highest price of a product's variants."""

    lowest: Money
    highest: Money


class InventoryItem(Struct, frozen=True):
    """The stock-keeping side of a variant."""

    variant: ProductVariant


class SelectedOption(Struct, frozen=True):
    """What a variant is like in one of the product's options."""

    name: str
    value: str


class Weight(Struct, frozen=True):
    """A weight in grams."""

    grams: int


class Measurement(Struct, frozen=True):
    """What an inventory item weighs."""

    item: InventoryItem


def _price_range(product: Product) -> PriceRange:
    prices = sorted((v.price for v in product.variants), key=attrgetter("minor"))
    return PriceRange(prices[0], prices[-1])


def _compare_at_range(product: Product) -> PriceRange | None:
    prices = [v.compare_at_price for v in product.variants if v.compare_at_price is not None]
    prices.sort(key=attrgetter("minor"))
    return PriceRange(prices[0], prices[-1]) if prices else None


def _product_of(_arguments: Arguments, execution: Execution) -> Getter:
    find = execution.state.lookup.lazy_product
    return lambda variant: find(variant.product_id)


def _optional_text(money: Money | None) -> str | None:
    return None if money is None else fixed_text(money)


def _options(arguments: Arguments, _execution: Execution) -> Getter:
    first = arguments.get("first")
    return lambda product: product.options[:first]


PRODUCT: FieldTable = {
    "bodyHtml": Field(attrgetter("description_html")),
    "compareAtPriceRange": Field(_compare_at_range),
    "createdAt": Field(attrgetter("created_at")),
    "customProductType": Field(lambda product: product.product_type or None),
    "descriptionHtml": Field(attrgetter("description_html")),
    "handle": Field(attrgetter("handle")),
    "hasOnlyDefaultVariant": Field(attrgetter("has_only_default_variant")),
    "hasOutOfStockVariants": Field(
        lambda product: any(v.is_tracked and v.inventory_quantity < 1 for v in product.variants)
    ),
    "id": Field(lambda product: gid("Product", product.id)),
    "isGiftCard": Field(attrgetter("is_gift_card")),
    "legacyResourceId": Field(lambda product: str(product.id)),
    "options": BoundField(_options),
    "priceRangeV2": Field(_price_range),
    "productType": Field(attrgetter("product_type")),
    "publishedAt": Field(attrgetter("published_at")),
    "seo": Field(lambda product: product),
    "status": Field(attrgetter("status")),
    "tags": Field(attrgetter("tags")),
    "title": Field(attrgetter("title")),
    "totalInventory": Field(attrgetter("total_inventory")),
    "totalVariants": Field(lambda product: len(product.variants)),
    "tracksInventory": Field(lambda product: any(v.is_tracked for v in product.variants)),
    "updatedAt": Field(attrgetter("updated_at")),
    "variants": ConnectionField(
        lambda _arguments, _execution: (
            lambda product: SequenceCollection(
                "Product.variants", product.variants, attrgetter("id")
            )
        )
    ),
    "variantsCount": Field(lambda product: Count(len(product.variants), "EXACT")),
    "vendor": Field(attrgetter("vendor")),
}
PRODUCT_OPTION: FieldTable = {
    "id": Field(lambda option: gid("ProductOption", option.id)),
    "name": Field(attrgetter("name")),
    "position": Field(attrgetter("position")),
    "values": Field(attrgetter("values")),
}
SEO: FieldTable = {"description": Field(lambda _: None), "title": Field(lambda _: None)}
PRICE_RANGE: FieldTable = {
    "maxVariantPrice": Field(attrgetter("highest")),
    "minVariantPrice": Field(attrgetter("lowest")),
}
COMPARE_AT_RANGE: FieldTable = {
    "maxVariantCompareAtPrice": Field(attrgetter("highest")),
    "minVariantCompareAtPrice": Field(attrgetter("lowest")),
}
PRODUCT_VARIANT: FieldTable = {
    "availableForSale": Field(attrgetter("is_available_for_sale")),
    "barcode": Field(attrgetter("barcode")),
    "compareAtPrice": Field(lambda variant: _optional_text(variant.compare_at_price)),
    "createdAt": Field(attrgetter("created_at")),
    "displayName": Field(attrgetter("display_name")),
    "id": Field(lambda variant: gid("ProductVariant", variant.id)),
    "inventoryItem": Field(InventoryItem),
    "inventoryPolicy": Field(attrgetter("inventory_policy")),
    "inventoryQuantity": Field(attrgetter("inventory_quantity")),
    "legacyResourceId": Field(lambda variant: str(variant.id)),
    "position": Field(attrgetter("position")),
    "price": Field(lambda variant: fixed_text(variant.price)),
    "product": BoundField(_product_of),
    "selectedOptions": Field(
        lambda variant: [
            SelectedOption(name, value)
            for name, value in zip(variant.option_names, variant.options, strict=True)
        ]
    ),
    "sellableOnlineQuantity": Field(lambda variant: max(0, variant.inventory_quantity)),
    "sku": Field(attrgetter("sku")),
    "taxable": Field(attrgetter("is_taxable")),
    "title": Field(attrgetter("title")),
    "updatedAt": Field(attrgetter("updated_at")),
}
SELECTED_OPTION: FieldTable = {
    "name": Field(attrgetter("name")),
    "value": Field(attrgetter("value")),
}
INVENTORY_ITEM: FieldTable = {
    "createdAt": Field(attrgetter("variant.created_at")),
    "id": Field(lambda item: gid("InventoryItem", item.variant.inventory_item_id)),
    "legacyResourceId": Field(lambda item: str(item.variant.inventory_item_id)),
    "measurement": Field(Measurement),
    "requiresShipping": Field(attrgetter("variant.requires_shipping")),
    "sku": Field(attrgetter("variant.sku")),
    "tracked": Field(attrgetter("variant.is_tracked")),
    "unitCost": Field(attrgetter("variant.unit_cost")),
    "updatedAt": Field(attrgetter("variant.updated_at")),
    "variant": Field(attrgetter("variant")),
}
INVENTORY_ITEM_MEASUREMENT: FieldTable = {
    "id": Field(
        lambda measurement: gid(
            "InventoryItemMeasurement", measurement.item.variant.inventory_item_id
        )
    ),
    "weight": Field(lambda measurement: Weight(measurement.item.variant.weight_grams)),
}
WEIGHT: FieldTable = {
    "unit": Field(lambda _: "GRAMS"),
    "value": Field(lambda weight: float(weight.grams)),
}
