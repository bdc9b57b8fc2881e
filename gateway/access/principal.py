"""The caller as the rest of the gateway sees it: decided once, then only asked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sync_engine.model.access import MERCHANT_SCOPES, ApiToken, ViewerScope
from sync_engine.model.shop_domain import ShopDomain


class PrincipalKind(StrEnum):
    """What sort of caller it is."""

    OPERATOR = "OPERATOR"
    SHOP = "SHOP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An authenticated caller; ``shop`` is None for an operator, who sees every shop.

    ``name`` tells callers apart in the audit and in limits; it is no secret and no personal data.
    After ``expires_at`` the caller is nobody: a connection that was opened before ends then.
    """

    kind: PrincipalKind
    name: str
    shop: ShopDomain | None
    scopes: frozenset[ViewerScope]
    expires_at: datetime | None = None
    """When the credential ends by itself; connections are closed then."""

    @classmethod
    def operator(cls) -> "Principal":
        """Return the caller who runs this installation and may do everything."""
        return cls(
            kind=PrincipalKind.OPERATOR,
            name="operator",
            shop=None,
            scopes=frozenset(ViewerScope),
        )

    @classmethod
    def of_token(cls, token: ApiToken) -> "Principal":
        """Return the shop behind an API token."""
        return cls(
            kind=PrincipalKind.SHOP,
            name=f"token {token.id}",
            shop=token.shop,
            scopes=frozenset(token.scopes),
            expires_at=token.expires_at,
        )

    @classmethod
    def merchant(cls, shop: ShopDomain, *, name: str, expires_at: datetime) -> "Principal":
        """Return somebody who is signed in to the shop at Shopify."""
        return cls(
            kind=PrincipalKind.SHOP,
            name=name,
            shop=shop,
            scopes=MERCHANT_SCOPES,
            expires_at=expires_at,
        )

    @property
    def is_operator(self) -> bool:
        """Whether the caller runs this installation."""
        return self.kind is PrincipalKind.OPERATOR

    def has(self, scope: ViewerScope) -> bool:
        """Whether the caller was given the scope."""
        return scope in self.scopes

    def can_see(self, shop: ShopDomain) -> bool:
        """Whether the shop exists as far as the caller is concerned."""
        return self.is_operator or self.shop == shop

    def has_expired(self, now: datetime) -> bool:
        """Whether the caller's credential has run out."""
        return self.expires_at is not None and now >= self.expires_at
