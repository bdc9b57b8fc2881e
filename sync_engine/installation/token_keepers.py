"""Makes keepers of shops' tokens: everything but the shop is the same for all of them."""

from sync_engine.installation.token_keeper import TokenKeeper
from sync_engine.model.clock import Clock
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.oauth import OAuth
from sync_engine.store.store import Store


class TokenKeepers:
    """Where the keeper of a shop's token comes from."""

    def __init__(
        self, store: Store, oauth: OAuth, *, holder: str, clock: Clock, migrates: bool = False
    ) -> None:
        """Take the open rooms; ``holder`` names this process in leases."""
        self._store = store
        self._oauth = oauth
        self.holder = holder
        self._clock = clock
        self._migrates = migrates

    def of(self, shop: ShopDomain) -> TokenKeeper:
        """Return a keeper of the shop's token, for one piece of work."""
        return TokenKeeper(
            shop,
            shops=self._store.shops,
            leases=self._store.leases,
            oauth=self._oauth,
            clock=self._clock,
            holder=self.holder,
            migrates=self._migrates,
        )
