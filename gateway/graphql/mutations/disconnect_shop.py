"""Stops all work for a shop and forgets its tokens."""

import strawberry

from gateway.graphql.context import Context
from gateway.graphql.describing import api_input, api_type
from gateway.graphql.mutations.asked_shop import asked_shop
from gateway.graphql.mutations.record_change import record_change
from gateway.graphql.scalars import GivenDomain
from gateway.graphql.types.shop import Shop, shop_of
from gateway.graphql.types.user_error import UserError


@api_input
class DisconnectShopInput:
    """Which shop to let go."""

    shop: GivenDomain | None = strawberry.field(
        default=None, description="Which shop; the caller's own where it is left out."
    )


@api_type
class DisconnectShopPayload:
    """What became of the request."""

    shop: Shop | None = strawberry.field(
        description="The shop as it stands, with all its data; null where there is a user error."
    )
    user_errors: list[UserError] = strawberry.field(description="Why the shop was not let go.")


def disconnect_shop_refusal(error: UserError) -> DisconnectShopPayload:
    """Return the payload where nothing was done."""
    return DisconnectShopPayload(shop=None, user_errors=[error])


async def disconnect_shop(context: Context, wanted: DisconnectShopInput) -> DisconnectShopPayload:
    """Let the shop go; doing so again changes nothing."""
    shop = await asked_shop(context, wanted.shop)
    if isinstance(shop, UserError):
        return disconnect_shop_refusal(shop)
    await context.engine.disconnect(shop.domain)
    await record_change(context, "disconnectShop", shop.domain)
    left = await context.engine.store.shops.get(shop.domain)
    return DisconnectShopPayload(shop=None if left is None else shop_of(left), user_errors=[])
