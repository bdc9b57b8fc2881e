"""Makes clients of shops' GraphQL API, each with the shop's own token, kept good."""

from sync_engine.installation.token_keepers import TokenKeepers
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.connection import Shopify
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.throttle.priority import Priority


class ShopClients:
    """Where a piece of work that nobody meters has its client from."""

    def __init__(self, shopify: Shopify, keepers: TokenKeepers) -> None:
        """Take the open rooms."""
        self._shopify = shopify
        self.keepers = keepers

    def of(self, shop: ShopDomain, priority: Priority) -> ShopifyClient:
        """Return a client for one piece of work at a shop."""
        return self._shopify.client(shop, self.keepers.of(shop), Meter(), priority=priority)
