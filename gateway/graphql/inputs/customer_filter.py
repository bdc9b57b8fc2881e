"""What customers can be narrowed by."""

import strawberry

from gateway.graphql.describing import api_input
from gateway.graphql.inputs.time_range import TimeRangeInput, time_range
from sync_engine.model import filters


@api_input
class CustomerFilter:
    """Which customers are wanted; every given condition must hold."""

    created: TimeRangeInput | None = strawberry.field(
        default=None, description="When the customer came to the shop."
    )
    updated: TimeRangeInput | None = strawberry.field(
        default=None, description="When the customer was last changed."
    )
    email: str | None = strawberry.field(
        default=None, description="The whole e-mail address, as it is stored."
    )
    tag: str | None = strawberry.field(default=None, description="One of the tags.")
    country_code: str | None = strawberry.field(
        default=None, description="The country of the default address, in two letters."
    )
    min_orders: int | None = strawberry.field(default=None, description="At least so many orders.")


def customer_filter(given: CustomerFilter | None) -> filters.CustomerFilter | None:
    """Return the filter as the store takes it."""
    if given is None:
        return None
    return filters.CustomerFilter(
        created=time_range(given.created),
        updated=time_range(given.updated),
        email=given.email,
        tag=given.tag,
        country_code=given.country_code,
        min_orders=given.min_orders,
    )
