"""What the app is to Shopify: its key and secrets, where Shopify is, which version it speaks."""

import msgspec

from sync_engine.model.shop_domain import ShopDomain


class AppCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """The app's identity.

    ``base_url`` holds ``{shop}`` where the shop's domain belongs. Two secrets are good at once
    while one is being rotated out.
    """

    api_key: str
    api_secret: str
    previous_api_secret: str | None
    api_version: str
    scopes: tuple[str, ...]
    base_url: str

    def __repr__(self) -> str:
        return f"AppCredentials(api_key={self.api_key!r}, api_version={self.api_version!r})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets under which Shopify may sign, the current one first."""
        previous = self.previous_api_secret
        return (self.api_secret,) if previous is None else (self.api_secret, previous)

    def shop_url(self, shop: ShopDomain, path: str) -> str:
        """Return the address of a path such as ``/admin/oauth/authorize`` at a shop."""
        return self.base_url.replace("{shop}", shop) + path

    def api_url(self, shop: ShopDomain, path: str) -> str:
        """Return the address of a path within the versioned Admin API of a shop."""
        return self.shop_url(shop, f"/admin/api/{self.api_version}{path}")
