"""What products and their variants can be searched by.

Source: `query` arguments of QueryRoot.products and QueryRoot.productVariants in the Admin API. The
documented default `active` of the status filter is read as an example, not as a hidden filter: a
search without it returns products of every status, as it always has.
"""

from sync_engine.simulator.generate.ids import VARIANTS_PER_PRODUCT
from sync_engine.simulator.records.product import Product, ProductVariant
from sync_engine.simulator.search.field_kinds import (
    BooleanField,
    Candidate,
    NumberField,
    SearchTable,
    TextField,
    TimeField,
    seconds,
)
from sync_engine.simulator.shop import SimulatedShop


def product_table(shop: SimulatedShop) -> SearchTable:
    """The search fields of a shop's products."""
    products = shop.product_set
    return SearchTable(
        name="products",
        fields={
            "id": NumberField(lambda c: shop.ids.products.id_of(c.index)),
            "created_at": TimeField(
                read=lambda c: products.created_at_seconds(c.index), window="created"
            ),
            "updated_at": TimeField(
                read=lambda c: products.updated_at_seconds(c.index), window="updated"
            ),
            "published_at": TimeField(read=lambda c: seconds(c.record.published_at)),
            "title": TextField(read=lambda c: (c.record.title,), is_tokenized=True),
            "handle": TextField(read=lambda c: (c.record.handle,)),
            "vendor": TextField(read=lambda c: (c.record.vendor,)),
            "product_type": TextField(read=lambda c: (c.record.product_type,)),
            "status": TextField(
                read=lambda c: (c.record.status,),
                accepted=frozenset({"any", "active", "archived", "draft", "unlisted"}),
            ),
            "tag": TextField(read=lambda c: c.record.tags),
            "sku": TextField(read=lambda c: (v.sku for v in c.record.variants)),
            "barcode": TextField(read=lambda c: (v.barcode for v in c.record.variants)),
            "variant_title": TextField(read=lambda c: (v.title for v in c.record.variants)),
            "gift_card": BooleanField(lambda c: bool(c.record.is_gift_card)),
            "inventory_total": NumberField(lambda c: int(c.record.total_inventory)),
            "has_only_default_variant": BooleanField(
                lambda c: bool(c.record.has_only_default_variant)
            ),
            "tracks_inventory": BooleanField(
                lambda c: any(v.is_tracked for v in c.record.variants)
            ),
            "is_price_reduced": BooleanField(
                lambda c: any(v.compare_at_price is not None for v in c.record.variants)
            ),
        },
        unsimulated=frozenset(
            """bundles category_id collection_id combined_listing_role delivery_profile_id
            error_feedback has_only_composites has_variant_with_components out_of_stock_somewhere
            price product_configuration_owner product_publication_status publication_ids
            publishable_status published_status variant_id""".split()  # noqa: SIM905 - names
        ),
        default=TextField(
            read=lambda c: (c.record.title, c.record.vendor, *c.record.tags), is_tokenized=True
        ),
    )


def variant_table(shop: SimulatedShop) -> SearchTable:
    """The search fields of a shop's variants; a candidate is (product, variant)."""

    def product(candidate: Candidate) -> Product:
        found: Product = candidate.record[0]
        return found

    def variant(candidate: Candidate) -> ProductVariant:
        found: ProductVariant = candidate.record[1]
        return found

    return SearchTable(
        name="productVariants",
        fields={
            "id": NumberField(lambda c: shop.ids.variants.id_of(c.index)),
            "product_id": NumberField(
                lambda c: shop.ids.products.id_of(c.index // VARIANTS_PER_PRODUCT)
            ),
            "product_ids": NumberField(
                lambda c: shop.ids.products.id_of(c.index // VARIANTS_PER_PRODUCT)
            ),
            "updated_at": TimeField(read=lambda c: seconds(variant(c).updated_at)),
            "sku": TextField(read=lambda c: (variant(c).sku,)),
            "barcode": TextField(read=lambda c: (variant(c).barcode,)),
            "title": TextField(read=lambda c: (variant(c).title,), is_tokenized=True),
            "inventory_quantity": NumberField(lambda c: variant(c).inventory_quantity),
            "taxable": BooleanField(lambda c: variant(c).is_taxable),
            "vendor": TextField(read=lambda c: (product(c).vendor,)),
            "product_type": TextField(read=lambda c: (product(c).product_type,)),
            "product_status": TextField(read=lambda c: (product(c).status,)),
            "tag": TextField(read=lambda c: product(c).tags),
            "gift_card": BooleanField(lambda c: product(c).is_gift_card),
        },
        unsimulated=frozenset(
            """collection delivery_profile_id exclude_composite exclude_variants_with_components
            location_id managed managed_by product_publication_status publishable_status
            published_status requires_components""".split()  # noqa: SIM905 - a list of names
        ),
        default=TextField(
            read=lambda c: (variant(c).title, variant(c).sku, product(c).title), is_tokenized=True
        ),
    )
