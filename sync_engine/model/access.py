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


class ApiToken(msgspec.Struct, frozen=True, kw_only=True):
    """An API token of one shop as stored: without the secret."""

    id: str
    shop: ShopDomain
    scopes: tuple[ViewerScope, ...]
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
