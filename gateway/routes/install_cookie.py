"""Remembers an install under way in the merchant's browser, sealed and for ten minutes."""

import base64
import hashlib

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from starlette.requests import Request
from starlette.responses import Response

from sync_engine.model.shop_domain import ShopDomain

_NAME = "echosignal_install"
_PATH = "/auth/shopify"
_LIVES_SECONDS = 600


class RememberedInstall(msgspec.Struct, frozen=True):
    """Which shop was sent to Shopify, and with which state."""

    shop: ShopDomain
    state: str


class InstallCookie:
    """Seals what it remembers, so that it can neither be read nor made by others."""

    def __init__(self, secret: str, *, is_secure: bool) -> None:
        """Derive a key from a secret of ours; secure cookies travel over https only."""
        digest = hashlib.sha256(b"install cookie:" + secret.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))
        self._is_secure = is_secure

    def set(self, response: Response, shop: ShopDomain, state: str) -> None:
        """Remember an install; a second one in the same browser replaces it."""
        sealed = self._fernet.encrypt(msgspec.json.encode(RememberedInstall(shop, state)))
        response.set_cookie(
            _NAME,
            sealed.decode(),
            max_age=_LIVES_SECONDS,
            path=_PATH,
            secure=self._is_secure,
            httponly=True,
            samesite="lax",  # Shopify's redirect is a top-level navigation, and brings it
        )

    def read(self, request: Request) -> RememberedInstall | None:
        """Return the install under way; None where there is none, or it is stale or forged."""
        try:
            plain = self._fernet.decrypt(request.cookies.get(_NAME, ""), ttl=_LIVES_SECONDS)
            return msgspec.json.decode(plain, type=RememberedInstall)
        except (InvalidToken, msgspec.MsgspecError):
            return None

    def clear(self, response: Response) -> None:
        """Forget the install: its state is good once."""
        response.delete_cookie(
            _NAME, path=_PATH, secure=self._is_secure, httponly=True, samesite="lax"
        )
