"""What shops can be narrowed by."""

import strawberry

from gateway.graphql.describing import api_input
from gateway.graphql.enums import ShopStatus


@api_input
class ShopFilter:
    """Which shops are wanted; every given condition must hold."""

    status: list[ShopStatus] | None = strawberry.field(
        default=None, description="Shops in one of these states."
    )
    search: str | None = strawberry.field(
        default=None,
        description="A piece of the domain or the name, in upper or lower case; 255 characters "
        "at most.",
    )
