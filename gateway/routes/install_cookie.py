"""Remembers an install under way in the merchant's browser, sealed and for ten minutes."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gateway.access.seal import Seal
from sync_engine.model.shop_domain import ShopDomain

_NAME = "echosignal_install"
_PATH = "/auth/shopify"
_LIVES_SECONDS = 600


class RememberedInstall(msgspec.Struct, frozen=True, kw_only=True):
    """Which shop was sent to Shopify, with which state, and whether that was for a second time."""

    shop: ShopDomain
    state: str
    is_second_try: bool = False


class InstallCookie:
    """Seals what it remembers, so that it can neither be read nor made by others."""

    def __init__(self, secrets: Sequence[str], *, is_secure: bool) -> None:
        """Take secrets of ours, newest first; secure cookies travel over https only."""
        self._seal = Seal("install cookie", secrets)
        self._is_secure = is_secure

    def set(self, response: Response, install: RememberedInstall, now: datetime) -> None:
        """Remember an install; a second one in the same browser replaces it."""
        sealed = self._seal.close(msgspec.json.encode(install), now)
        if sealed is None:  # no install can be finished without keys to encrypt its tokens with
            return
        response.set_cookie(
            _NAME,
            sealed,
            max_age=_LIVES_SECONDS,
            path=_PATH,
            secure=self._is_secure,
            httponly=True,
            samesite="lax",  # Shopify's redirect is a top-level navigation, and brings it
        )

    def read(self, request: Request, now: datetime) -> RememberedInstall | None:
        """Return the install under way; None where there is none, or it is stale or forged."""
        sealed = request.cookies.get(_NAME, "")
        plain = self._seal.open(sealed, now, lives_seconds=_LIVES_SECONDS)
        try:
            return None if plain is None else msgspec.json.decode(plain, type=RememberedInstall)
        except msgspec.MsgspecError:
            return None

    def clear(self, response: Response) -> None:
        """Forget the install: its state is good once."""
        response.delete_cookie(
            _NAME, path=_PATH, secure=self._is_secure, httponly=True, samesite="lax"
        )
