"""A connected shop: what Shopify says of it, what its merchant set, how far it is synced."""

from datetime import datetime
from enum import StrEnum

import msgspec

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, ShopStatus, SyncStrategy


class ShopSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a merchant may set; 0 turns an interval off."""

    incremental_interval_minutes: int = 15
    reconcile_interval_days: int = 7
    preferred_strategy: SyncStrategy | None = None
    archive_after_days: int | None = None


class ShopProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What Shopify says of the shop."""

    gid: str
    domain: ShopDomain
    name: str
    currency_code: str
    iana_timezone: str
    taxes_included: bool
    country_code: str | None
    plan_name: str | None


class BudgetLevel(msgspec.Struct, frozen=True, kw_only=True):
    """A bucket as Shopify last reported it, in points or requests."""

    maximum: float
    available: float
    restores_per_second: float


class ApiBudget(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of Shopify's allowance for the shop."""

    graphql: BudgetLevel | None
    rest: BudgetLevel | None
    as_of: datetime


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """A shop as stored, without its secrets.

    ``installed_at`` is when it first came, ``connected_at`` when it last did. Browsers that were
    let in before ``sessions_ended_at`` have to be let in anew.
    """

    domain: ShopDomain
    profile: ShopProfile
    status: ShopStatus
    status_reason: str | None
    installed_at: datetime
    connected_at: datetime
    uninstalled_at: datetime | None
    granted_scopes: tuple[str, ...]
    settings: ShopSettings
    synced_through: dict[Resource, datetime]
    budget: ApiBudget | None
    sessions_ended_at: datetime | None = None


class GrantKind(StrEnum):
    """How a shop's access token was got, which is how another one is got."""

    GIVEN = "GIVEN"
    """A custom app's, handed over by a person: it stays good, and nobody can renew it."""
    OAUTH = "OAUTH"
    """By consent or by a session token: renewed by its refresh token."""
    CLIENT_CREDENTIALS = "CLIENT_CREDENTIALS"
    """A merchant's own app: asked for again with the app's credentials."""


class AccessGrant(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets with which a shop's API is called; never logged, encrypted at rest.

    An access token that does not expire (a custom app's) has no expiry and no refresh token. One of
    kind OAUTH without them is of the old sort that Shopify gives up.
    """

    access_token: str
    kind: GrantKind = GrantKind.GIVEN
    expires_at: datetime | None = None
    refresh_token: str | None = None
    refresh_expires_at: datetime | None = None

    def __repr__(self) -> str:
        return f"AccessGrant(kind={self.kind}, expires_at={self.expires_at})"

    @property
    def is_permanent(self) -> bool:
        """Whether the access token stays good for ever."""
        return self.expires_at is None and self.refresh_token is None
