"""What somebody changed, or what was done about people's data: ids only, never names."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from sync_engine.model.shop_domain import ShopDomain


class ActorKind(StrEnum):
    """What sort of somebody it was."""

    SHOPIFY = "SHOPIFY"
    """A webhook."""
    MERCHANT = "MERCHANT"
    """Whoever installed the app at Shopify."""
    OPERATOR = "OPERATOR"
    """The bearer of the operator's token."""
    API_TOKEN = "API_TOKEN"  # noqa: S105 - a kind, no secret
    SESSION_USER = "SESSION_USER"
    COMMAND_LINE = "COMMAND_LINE"
    """A user of the machine."""


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who did something; ``id`` names one of several of the kind, where that is known."""

    kind: ActorKind
    id: str | None = None


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done.

    ``what`` is the name of a mutation, of a command, or of a webhook's topic. ``correlation_id``
    is that of the request, or the id of the webhook. ``details`` hold numbers, ids and settings.
    """

    id: str
    shop: ShopDomain
    what: str
    who: Actor
    at: datetime
    correlation_id: str | None = None
    details: dict[str, Any] = {}
