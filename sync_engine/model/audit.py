"""What somebody changed, or what was done about people's data: ids only, never names."""

from datetime import datetime
from typing import Any

import msgspec

from sync_engine.model.shop_domain import ShopDomain

SHOPIFY = "shopify"
"""Who a webhook is from."""
MERCHANT = "merchant"
"""Who has installed the app at Shopify."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done.

    ``what`` is the name of a mutation, of a command, or of a webhook's topic. ``who`` is the kind
    of somebody, with an id where there are several of the kind: ``operator``, ``token 0192…``.
    ``correlation_id`` is that of the request, or the id of the webhook. ``details`` hold numbers,
    ids and settings.
    """

    id: str
    shop: ShopDomain
    what: str
    who: str
    at: datetime
    correlation_id: str | None = None
    details: dict[str, Any] = {}
