"""Turns a credential into a principal; a credential that is no good is a value, not an exception.

A bearer token is one of three: the operator's, an API token of ours, or a session token of
Shopify's. A browser that was let in by the install has a cookie instead.
"""

import hashlib
import hmac
from enum import Enum

from starlette.requests import HTTPConnection

from gateway.access.principal import Principal
from gateway.access.session_cookie import SessionCookie
from gateway.access.session_token import looks_like_session_token, read_session_token
from sync_engine.engine import Engine
from sync_engine.model.errors import FatalError, ShopBlockedError
from sync_engine.model.sync_enums import ShopStatus

_SCHEME = "bearer"


class Rejection(Enum):
    """Why nobody was authenticated; the value is the sentence for the caller."""

    MISSING = "No credential was sent: send 'Authorization: Bearer <token>'."
    MALFORMED = "The credential cannot be read: send 'Authorization: Bearer <token>'."
    UNKNOWN = "The token is not valid, has expired, or was revoked."
    SESSION_OVER = "The session is over: open the app again."
    NOT_CONNECTED = "Shopify does not let the app into this shop: install the app again."


class Authenticator:
    """Knows the operator's token and the cookies, and asks the engine for the rest."""

    def __init__(
        self, operator_token: str | None, session_cookie: SessionCookie | None = None
    ) -> None:
        """Take what is set; without an operator's token nobody is an operator."""
        self._operator_digest = _digest(operator_token) if operator_token else None
        self._session_cookie = session_cookie

    def cookie_of(self, request: HTTPConnection) -> str | None:
        """Return the session cookie of a request; None unless one of our own pages sent it."""
        return None if self._session_cookie is None else self._session_cookie.given(request)

    async def authenticate(
        self, authorization: str | None, engine: Engine, *, cookie: str | None = None
    ) -> Principal | Rejection:
        """Return who sent an ``Authorization`` header, or its like on a WebSocket.

        The cookie, from ``cookie_of``, counts only where there is no header.

        Raises:
            RetryableError: it cannot be said just now, because MongoDB, or Shopify for a shop that
                comes for the first time, does not answer.
        """
        if not authorization:
            return Rejection.MISSING if cookie is None else await self._of_cookie(cookie, engine)
        scheme, _, credential = authorization.strip().partition(" ")
        text = credential.strip()
        if scheme.lower() != _SCHEME or not text:
            return Rejection.MALFORMED
        if self._is_operator(text):
            return Principal.operator()
        if looks_like_session_token(text):
            return await self._of_session_token(text, engine)
        token = await engine.store.api_tokens.authenticate(text, now=engine.clock.now())
        return Rejection.UNKNOWN if token is None else Principal.of_token(token)

    def _is_operator(self, text: str) -> bool:
        if self._operator_digest is None:
            return False
        return hmac.compare_digest(self._operator_digest, _digest(text))

    async def _of_session_token(self, text: str, engine: Engine) -> Principal | Rejection:
        token = read_session_token(text, engine.shopify.app, engine.clock.now())
        if token is None:
            return Rejection.UNKNOWN
        name = f"user {token.user}"
        try:
            if await engine.arrivals.by_session_token(token.shop, text):
                await engine.record("app.installed", token.shop, who=name)
        except (ShopBlockedError, FatalError):
            return Rejection.NOT_CONNECTED
        return Principal.merchant(token.shop, name=name, expires_at=token.expires_at)

    async def _of_cookie(self, sealed: str, engine: Engine) -> Principal | Rejection:
        if self._session_cookie is None:
            return Rejection.MISSING
        session = self._session_cookie.read(sealed, engine.clock.now())
        shop = None if session is None else await engine.store.shops.get(session.shop)
        if session is None or shop is None or shop.status is ShopStatus.UNINSTALLED:
            return Rejection.SESSION_OVER
        if not session.is_of(shop):
            return Rejection.SESSION_OVER
        return Principal.merchant(
            shop.domain, name="browser session", expires_at=session.expires_at
        )


def _digest(text: str) -> bytes:
    """Return a hash, so that comparing takes the same time whatever the length."""
    return hashlib.sha256(text.encode(errors="replace")).digest()
