"""Reads Shopify's session tokens: short-lived JWTs by which the admin says who opens the app.

Source: shopify.dev, "Session tokens", read 2026-11-23. What a token may be is fixed here and never
taken from the token: one algorithm, our audience, a shop that is its own issuer.
"""

import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OctKey

from sync_engine.model.shop_domain import (
    InvalidShopDomainError,
    ShopDomain,
    parse_shop_domain,
)
from sync_engine.shopify.app_credentials import AppCredentials

_ALGORITHMS = ["HS256"]
_LEEWAY = timedelta(seconds=10)
_MAX_CHARACTERS = 4_096  # a real one has about 600
_SCHEME = "https://"


class SessionToken(msgspec.Struct, frozen=True, kw_only=True):
    """What a good token says."""

    shop: ShopDomain
    user: str
    expires_at: datetime


class _Claims(msgspec.Struct, frozen=True):
    """The claims that decide; another shape is no session token."""

    iss: str
    dest: str
    aud: str
    sub: str
    exp: int
    nbf: int


def looks_like_session_token(text: str) -> bool:
    """Whether the text has the form of a JWT, which none of our own tokens has."""
    return text.count(".") == 2  # noqa: PLR2004 - head, claims, signature


def read_session_token(text: str, app: AppCredentials, now: datetime) -> SessionToken | None:
    """Return what the token says; None where it is forged, not for this app, or out of its time.

    Both secrets are good while the app's secret is rotated. ``expires_at`` includes the leeway.
    """
    if len(text) > _MAX_CHARACTERS or not app.api_key:
        return None
    for secret in app.secrets:
        claims = _signed_claims(text, secret)
        if claims is not None:
            return _checked(claims, app.api_key, now)
    return None


def _signed_claims(text: str, secret: str) -> dict[str, Any] | None:
    if not secret:
        return None
    try:
        with warnings.catch_warnings():
            # How long the secret is, is Shopify's: it gives the app 32 characters at least.
            warnings.simplefilter("ignore", SecurityWarning)
            key = OctKey.import_key(secret)
        return jwt.decode(text, key, algorithms=_ALGORITHMS).claims
    except (JoseError, ValueError, TypeError):  # the last two for parts that are no JSON objects
        return None


def _checked(signed: dict[str, Any], audience: str, now: datetime) -> SessionToken | None:
    try:
        claims = msgspec.convert(signed, _Claims)
        shop = parse_shop_domain(claims.dest.removeprefix(_SCHEME))
        begins_at = datetime.fromtimestamp(claims.nbf, UTC) - _LEEWAY
        expires_at = datetime.fromtimestamp(claims.exp, UTC) + _LEEWAY
    except (msgspec.ValidationError, InvalidShopDomainError, ValueError, OverflowError, OSError):
        return None
    home = _SCHEME + shop  # compared as text: parsers of URLs forgive too much
    is_of_the_shop = claims.dest == home and (
        claims.iss == home or claims.iss.startswith(home + "/")
    )
    if claims.aud != audience or not is_of_the_shop or not begins_at <= now < expires_at:
        return None
    return SessionToken(shop=shop, user=claims.sub[:64], expires_at=expires_at)
