"""The session of a merchant's browser on our own domain, begun when an install is finished."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from starlette.requests import HTTPConnection
from starlette.responses import Response

from gateway.access.same_origin import OwnOrigin
from gateway.access.seal import Seal
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import ShopDomain

_NAME = "echosignal_session"
_LIVES_SECONDS = 24 * 3600
_PATH = "/"


class BrowserSession(msgspec.Struct, frozen=True, kw_only=True):
    """Whose session it is and since when."""

    shop: ShopDomain
    begun_at: datetime

    @property
    def expires_at(self) -> datetime:
        """When the browser has to be let in anew."""
        return self.begun_at + timedelta(seconds=_LIVES_SECONDS)

    def is_of(self, shop: Shop) -> bool:
        """Whether the shop still has this session: leaving it ended those of before."""
        ended_at = shop.sessions_ended_at
        return shop.installed_at <= self.begun_at and (ended_at is None or ended_at < self.begun_at)


class SessionCookie:
    """Gives sessions to browsers and takes them back, from our own pages only."""

    def __init__(self, secrets: Sequence[str], origin: OwnOrigin) -> None:
        """Take secrets, newest first, and the origin whose pages may use the cookie."""
        self._seal = Seal("session cookie", secrets)
        self._origin = origin
        # With this prefix a browser takes the cookie from this very host and over https only.
        self._name = f"__Host-{_NAME}" if origin.is_secure else _NAME

    def set(self, response: Response, shop: ShopDomain, now: datetime) -> None:
        """Begin a session of the shop in the browser that gets the response."""
        session = BrowserSession(shop=shop, begun_at=now)
        sealed = self._seal.close(msgspec.json.encode(session), now)
        if sealed is not None:
            response.set_cookie(
                self._name,
                sealed,
                max_age=_LIVES_SECONDS,
                path=_PATH,
                secure=self._origin.is_secure,
                httponly=True,
                samesite="lax",
            )

    def given(self, request: HTTPConnection) -> str | None:
        """Return the cookie of a request that one of our own pages sent; it is not opened yet."""
        sealed = request.cookies.get(self._name)
        return sealed if sealed and self._origin.sent(request) else None

    def read(self, sealed: str, now: datetime) -> BrowserSession | None:
        """Return the session; None where the cookie is forged or stale."""
        plain = self._seal.open(sealed, now, lives_seconds=_LIVES_SECONDS)
        if plain is None:
            return None
        try:
            session = msgspec.json.decode(plain, type=BrowserSession)
        except msgspec.MsgspecError:
            return None
        return session if now < session.expires_at else None
