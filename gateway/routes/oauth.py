"""The install: sends the merchant to Shopify for consent and takes up the shop on return.

Source: shopify.dev, "Authenticate a standalone or API-only app", read 2026-11-23.
"""

import secrets
from urllib.parse import urlencode

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.routes.install_cookie import InstallCookie
from sync_engine.engine import Engine
from sync_engine.model.audit import MERCHANT
from sync_engine.model.errors import (
    QueryRejectedError,
    RetryableError,
    ShopBlockedError,
    SyncError,
)
from sync_engine.model.shop_domain import (
    InvalidShopDomainError,
    ShopDomain,
    parse_shop_domain,
)
from sync_engine.model.sync_enums import Resource, SyncMode, SyncTrigger
from sync_engine.shopify.signature import is_signed_query

BEGIN_PATH = "/auth/shopify"
CALLBACK_PATH = "/auth/shopify/callback"

_MAX_SKEW_SECONDS = 90

log = structlog.get_logger(__name__)


class _RefusedError(Exception):
    """The request is not a step of an install; says why and what the merchant can do."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class OAuthRoutes:
    """Both steps of the install. The address that Shopify returns to is fixed by the settings."""

    def __init__(self, public_url: str, cookie: InstallCookie) -> None:
        """Take where this gateway is reached and what remembers an install under way."""
        self._public_url = public_url
        self._cookie = cookie

    def routes(self) -> list[Route]:
        """Return the routes to mount."""
        return [
            Route(BEGIN_PATH, self.begin, methods=["GET"]),
            Route(CALLBACK_PATH, self.finish, methods=["GET"]),
        ]

    async def begin(self, request: Request) -> Response:
        """Send the merchant to the shop's consent screen."""
        engine: Engine = request.state.engine
        try:
            shop = _shop(request)
            if "hmac" in request.query_params:  # Shopify's own link to the app is signed
                _check_signature(request, engine)
        except _RefusedError as refused:
            return _refusal(refused)
        state = secrets.token_hex(32)
        url = engine.shopify.oauth.authorize_url(
            shop, redirect_uri=self._public_url + CALLBACK_PATH, state=state
        )
        response = RedirectResponse(url, status_code=302, headers={"Cache-Control": "no-store"})
        self._cookie.set(response, shop, state)
        return response

    async def finish(self, request: Request) -> Response:
        """Check Shopify's answer, connect the shop and begin its first sync."""
        engine: Engine = request.state.engine
        try:
            shop = self._checked_callback(request, engine)
            await self._install(engine, shop, request.query_params.get("code", ""))
            await engine.record(
                "app.installed",
                shop,
                who=MERCHANT,
                correlation_id=request.state.correlation_id,
            )
        except _RefusedError as refused:
            log.warning("install.refused", reason=str(refused))
            return _refusal(refused)
        home = f"{self._public_url}/?{urlencode({'shop': shop})}"
        response = RedirectResponse(home, status_code=302, headers={"Cache-Control": "no-store"})
        self._cookie.clear(response)
        return response

    def _checked_callback(self, request: Request, engine: Engine) -> ShopDomain:
        remembered = self._cookie.read(request)
        given = request.query_params.get("state", "")
        if remembered is None or not secrets.compare_digest(
            remembered.state.encode(), given.encode()
        ):
            raise _RefusedError(
                403, "This install was not begun here, or too long ago. Start over."
            )
        _check_signature(request, engine)
        shop = _shop(request)
        if shop != remembered.shop:
            raise _RefusedError(403, "This install was begun for another shop. Start over.")
        return shop

    async def _install(self, engine: Engine, shop: ShopDomain, code: str) -> None:
        try:
            connected = await engine.install(shop, code)
        except QueryRejectedError:
            raise _RefusedError(400, "Shopify does not accept this install. Start over.") from None
        except ShopBlockedError as error:
            raise _RefusedError(403, f"Shopify refuses: {error}") from error
        except RetryableError:
            raise _RefusedError(503, "Shopify does not answer just now. Start over.") from None
        except SyncError as error:
            log.exception("install.failed", shop=shop)
            raise _RefusedError(500, "The install failed. Start over later.") from error
        missing = set(engine.shopify.app.scopes) - set(connected.granted_scopes)
        log.info("install.finished", shop=shop, missing_scopes=sorted(missing))
        if set(connected.synced_through) != set(Resource):  # otherwise only the tokens are new
            await engine.start_sync(shop, mode=SyncMode.INITIAL, trigger=SyncTrigger.INSTALL)


def _shop(request: Request) -> ShopDomain:
    try:
        return parse_shop_domain(request.query_params.get("shop", ""))
    except InvalidShopDomainError as error:
        raise _RefusedError(400, f"{error}.") from error


def _check_signature(request: Request, engine: Engine) -> None:
    if not is_signed_query(request.url.query, engine.shopify.app.secrets):
        raise _RefusedError(403, "The signature is not Shopify's.")
    timestamp = request.query_params.get("timestamp", "")
    sent_at = int(timestamp) if timestamp.isascii() and timestamp.isdigit() else 0
    if abs(engine.clock.now().timestamp() - sent_at) > _MAX_SKEW_SECONDS:
        raise _RefusedError(403, "The request is too old, or a clock is wrong. Start over.")


def _refusal(refused: _RefusedError) -> Response:
    return PlainTextResponse(
        f"{refused}\n", status_code=refused.status, headers={"Cache-Control": "no-store"}
    )
