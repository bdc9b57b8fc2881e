"""What exists for a caller. What one may not see is answered exactly like what is not there."""

from gateway.graphql.context import Context
from gateway.graphql.errors import BadUserInputError
from gateway.graphql.scalars import GivenDomain
from sync_engine.model.run import Run
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import (
    InvalidShopDomainError,
    ShopDomain,
    parse_shop_domain,
)


def read_domain(given: GivenDomain) -> ShopDomain:
    """Return the domain that a client wrote.

    Raises:
        BadUserInputError: it is not a permanent shop domain.
    """
    try:
        return parse_shop_domain(given)
    except InvalidShopDomainError as error:
        raise BadUserInputError(f"{error}.") from None


async def visible_shop(context: Context, domain: ShopDomain | None) -> Shop | None:
    """Return a shop, the caller's own where no domain is given; None if the caller sees none."""
    wanted = context.principal.shop if domain is None else domain
    if wanted is None or not context.principal.can_see(wanted):
        return None
    return await context.loaders.shops.load(wanted)


async def visible_run(context: Context, run_id: str) -> Run | None:
    """Return a run of any shop that the caller sees; None if there is none of that id."""
    store = context.engine.store
    shop = context.principal.shop
    if context.principal.is_operator:
        shop = await store.run_queue.shop_of(run_id)
    return None if shop is None else await store.shop(shop).runs.get(run_id)
