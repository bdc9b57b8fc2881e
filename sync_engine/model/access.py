"""Who may call the API, and what for."""

from datetime import datetime
from enum import StrEnum

import msgspec

from sync_engine.model.shop_domain import ShopDomain


class ViewerScope(StrEnum):
    """What a caller may do."""

    READ_DATA = "READ_DATA"
    READ_KPIS = "READ_KPIS"
    READ_SYNC = "READ_SYNC"
    WRITE_SYNC = "WRITE_SYNC"
    WRITE_SETTINGS = "WRITE_SETTINGS"
    MANAGE_SHOPS = "MANAGE_SHOPS"


MERCHANT_SCOPES = frozenset(ViewerScope) - {ViewerScope.MANAGE_SHOPS}
"""What somebody may do who opens the app in the shop's admin: all but the operator's own."""


class ApiToken(msgspec.Struct, frozen=True, kw_only=True):
    """An API token of one shop as stored: without the secret. Without an expiry it stays good."""

    id: str
    shop: ShopDomain
    scopes: tuple[ViewerScope, ...]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether the token is neither revoked nor past its time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
