"""The shop that a mutation is about: the one that is named, else the caller's own."""

from gateway.graphql.context import Context
from gateway.graphql.enums import UserErrorCode
from gateway.graphql.errors import BadUserInputError
from gateway.graphql.scalars import GivenDomain
from gateway.graphql.types.user_error import UserError, user_error
from gateway.graphql.visible import read_domain, visible_shop
from sync_engine.model.shop import Shop


async def asked_shop(context: Context, given: GivenDomain | None) -> Shop | UserError:
    """Return the shop, or why there is none; one that may not be seen is not there."""
    if not given and context.principal.is_operator:
        message = "Say which shop: an operator has none of its own."
        return user_error(UserErrorCode.INVALID, message, "shop")
    try:
        domain = read_domain(given) if given else None
    except BadUserInputError as error:
        return user_error(UserErrorCode.INVALID, error.message, "shop")
    shop = await visible_shop(context, domain)
    if shop is None:
        return user_error(UserErrorCode.NOT_FOUND, "There is no such shop.", "shop")
    return shop
