"""Products as documents, their variants inside."""

from sync_engine.model.filters import ProductFilter, ProductSort
from sync_engine.model.records import Product, ProductVariant
from sync_engine.model.sync_enums import Resource
from sync_engine.store.codec import Document
from sync_engine.store.records.kind import ChildList, RecordKind, equalities, time_range


def _conditions(wanted: ProductFilter) -> Document:
    return {
        **time_range("created_at", wanted.created),
        **time_range("updated_at", wanted.updated),
        **equalities(
            {
                "status": wanted.status,
                "vendor": wanted.vendor,
                "product_type": wanted.product_type,
                "tags": wanted.tag,
                "variants.sku": wanted.sku,
            }
        ),
    }


PRODUCTS = RecordKind(
    resource=Resource.PRODUCTS,
    collection="products",
    record_type=Product,
    conditions=_conditions,
    sort_fields={
        ProductSort.CREATED_AT: "created_at",
        ProductSort.UPDATED_AT: "updated_at",
        ProductSort.TITLE: "title",
    },
    children=ChildList(
        field="variants",
        child_type=ProductVariant,
        order_by=lambda variant: (variant.position, variant.id),
    ),
)
