"""Connects a shop: checks its token against Shopify and stores the shop with it."""

from sync_engine.model.clock import Clock
from sync_engine.model.errors import ShopGoneError, TokenRevokedError
from sync_engine.model.shop import AccessGrant, Shop
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.connection import Shopify
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.shop_profile import read_shop_profile
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.store.shops import ShopRepository


class GivenToken:
    """A token that was just handed over and is not stored yet; it cannot be renewed."""

    def __init__(self, access_token: str) -> None:
        """Take the token."""
        self._access_token = access_token

    async def current(self) -> str:
        """Return the token."""
        return self._access_token

    async def renewed(self, rejected: str) -> str:
        """Give up: there is no other.

        Raises:
            TokenRevokedError: always.
        """
        del rejected
        raise TokenRevokedError("Shopify does not accept the access token for this shop")


async def connect_shop(
    domain: ShopDomain, grant: AccessGrant, *, shopify: Shopify, shops: ShopRepository, clock: Clock
) -> Shop:
    """Ask Shopify who the token belongs to and store the shop; connecting again renews it.

    Raises:
        TokenRevokedError: Shopify does not accept the token.
        ShopGoneError: the token belongs to another shop.
        SyncError: Shopify cannot be asked.
    """
    tokens = GivenToken(grant.access_token)
    client = shopify.client(domain, tokens, Meter(), priority=Priority.PERSON)
    profile, scopes = await read_shop_profile(client)
    if profile.domain != domain:
        message = f"{domain} answers as {profile.domain}: connect that shop instead"
        raise ShopGoneError(message)
    return await shops.connect(profile, grant, scopes, now=clock.now())
