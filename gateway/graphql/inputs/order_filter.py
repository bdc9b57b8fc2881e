"""What orders can be narrowed by."""

import strawberry

from gateway.graphql.describing import api_input
from gateway.graphql.ids import resource_number
from gateway.graphql.inputs.time_range import TimeRangeInput, time_range
from sync_engine.model import filters


@api_input
class OrderFilter:
    """Which orders are wanted; every given condition must hold."""

    created: TimeRangeInput | None = strawberry.field(
        default=None, description="When Shopify took the order in."
    )
    updated: TimeRangeInput | None = strawberry.field(
        default=None, description="When the order was last changed."
    )
    customer_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who ordered: gid://shopify/Customer/1."
    )
    product_id: strawberry.ID | None = strawberry.field(
        default=None, description="A product on one of the lines: gid://shopify/Product/1."
    )
    financial_status: str | None = strawberry.field(
        default=None, description="Shopify's displayFinancialStatus, such as PAID."
    )
    fulfillment_status: str | None = strawberry.field(
        default=None, description="Shopify's displayFulfillmentStatus, such as UNFULFILLED."
    )
    name: str | None = strawberry.field(
        default=None, description="The whole number as merchant and customer see it: #1001."
    )
    tag: str | None = strawberry.field(default=None, description="One of the tags.")
    cancelled: bool | None = strawberry.field(
        default=None, description="Only cancelled orders, or only others."
    )
    test: bool | None = strawberry.field(
        default=None, description="Only orders that try the shop out, or only others."
    )


def order_filter(given: OrderFilter | None) -> filters.OrderFilter | None:
    """Return the filter as the store takes it.

    Raises:
        BadUserInputError: an id in it is not one of the type that belongs there.
    """
    if given is None:
        return None
    customer, product = given.customer_id, given.product_id
    return filters.OrderFilter(
        created=time_range(given.created),
        updated=time_range(given.updated),
        customer_id=None if customer is None else resource_number(customer, "Customer"),
        product_id=None if product is None else resource_number(product, "Product"),
        financial_status=given.financial_status,
        fulfillment_status=given.fulfillment_status,
        name=given.name,
        tag=given.tag,
        cancelled=given.cancelled,
        test=given.test,
    )
