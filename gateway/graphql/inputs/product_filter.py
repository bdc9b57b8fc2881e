"""What products can be narrowed by."""

import strawberry

from gateway.graphql.describing import api_input
from gateway.graphql.inputs.time_range import TimeRangeInput, time_range
from sync_engine.model import filters


@api_input
class ProductFilter:
    """Which products are wanted; every given condition must hold."""

    created: TimeRangeInput | None = strawberry.field(
        default=None, description="When the product was made."
    )
    updated: TimeRangeInput | None = strawberry.field(
        default=None, description="When the product was last changed."
    )
    status: str | None = strawberry.field(
        default=None, description="ACTIVE, ARCHIVED, DRAFT or UNLISTED."
    )
    vendor: str | None = strawberry.field(default=None, description="Who makes it.")
    product_type: str | None = strawberry.field(
        default=None, description="The shop's own category."
    )
    tag: str | None = strawberry.field(default=None, description="One of the tags.")
    sku: str | None = strawberry.field(
        default=None, description="The stock keeping unit of one of the variants."
    )


def product_filter(given: ProductFilter | None) -> filters.ProductFilter | None:
    """Return the filter as the store takes it."""
    if given is None:
        return None
    return filters.ProductFilter(
        created=time_range(given.created),
        updated=time_range(given.updated),
        status=given.status,
        vendor=given.vendor,
        product_type=given.product_type,
        tag=given.tag,
        sku=given.sku,
    )
