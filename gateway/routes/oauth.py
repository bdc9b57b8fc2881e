"""The install: sends the merchant to Shopify for consent and takes up the shop on return.

Whoever opens the app from the shop's admin comes this way too. Shopify asks for consent only where
it was not given yet, or not for all that the app needs, and so sends others back at once.

Source: shopify.dev, "Authenticate a standalone or API-only app", read 2026-11-23.
"""

import secrets
from urllib.parse import urlencode

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.access.session_cookie import SessionCookie
from gateway.routes.install_cookie import InstallCookie, RememberedInstall
from sync_engine.engine import Engine
from sync_engine.model.access_scopes import READ_ALL_ORDERS, missing_scopes
from sync_engine.model.audit import MERCHANT
from sync_engine.model.errors import (
    QueryRejectedError,
    RetryableError,
    ShopBlockedError,
    StoreUnavailableError,
    SyncError,
)
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import (
    InvalidShopDomainError,
    ShopDomain,
    parse_shop_domain,
)
from sync_engine.shopify.signature import is_signed_query

BEGIN_PATH = "/auth/shopify"
CALLBACK_PATH = "/auth/shopify/callback"

_MAX_SKEW_SECONDS = 90
_OPTIONAL_SCOPES = {READ_ALL_ORDERS}  # Shopify gives it to apps on request, no merchant can

log = structlog.get_logger(__name__)


class _RefusedError(Exception):
    """The request is not a step of an install; says why and what the merchant can do."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class OAuthRoutes:
    """Both steps of the install. The address that Shopify returns to is fixed by the settings."""

    def __init__(
        self, public_url: str, install_cookie: InstallCookie, session_cookie: SessionCookie
    ) -> None:
        """Take where this gateway is reached, what remembers an install, what lets browsers in."""
        self._public_url = public_url
        self._install_cookie = install_cookie
        self._session_cookie = session_cookie

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
        return self._ask_for_consent(engine, shop)

    async def finish(self, request: Request) -> Response:
        """Check Shopify's answer, connect the shop, begin its sync and let the browser in."""
        engine: Engine = request.state.engine
        try:
            install = await self._checked_callback(request, engine)
            before = await engine.store.shops.get(install.shop)
            connected = await _connect(engine, install.shop, request.query_params.get("code", ""))
            missing = missing_scopes(engine.shopify.app.scopes, connected.granted_scopes)
            if missing - _OPTIONAL_SCOPES and not install.is_second_try:
                log.info("install.asks_again", shop=install.shop, missing_scopes=sorted(missing))
                return self._ask_for_consent(engine, install.shop, is_second_try=True)
            # The first try has made it active, but has not begun to catch up.
            await engine.arrivals.begin_syncing(
                connected, None if install.is_second_try else before
            )
            await engine.record(
                "app.installed",
                install.shop,
                who=MERCHANT,
                correlation_id=request.state.correlation_id,
            )
        except _RefusedError as refused:
            log.warning("install.refused", reason=str(refused))
            return _refusal(refused)
        except StoreUnavailableError:
            return _refusal(_RefusedError(503, "This cannot be done just now. Start over."))
        log.info("install.finished", shop=install.shop, missing_scopes=sorted(missing))
        return self._let_in(connected, engine)

    def _ask_for_consent(
        self, engine: Engine, shop: ShopDomain, *, is_second_try: bool = False
    ) -> Response:
        state = secrets.token_hex(32)
        url = engine.shopify.oauth.authorize_url(
            shop, redirect_uri=self._public_url + CALLBACK_PATH, state=state
        )
        response = _redirect(url)
        install = RememberedInstall(shop=shop, state=state, is_second_try=is_second_try)
        self._install_cookie.set(response, install, engine.clock.now())
        return response

    def _let_in(self, shop: Shop, engine: Engine) -> Response:
        response = _redirect(f"{self._public_url}/?{urlencode({'shop': shop.domain})}")
        self._install_cookie.clear(response)
        self._session_cookie.set(response, shop.domain, engine.clock.now())
        return response

    async def _checked_callback(self, request: Request, engine: Engine) -> RememberedInstall:
        now = engine.clock.now()
        install = self._install_cookie.read(request, now)
        given = request.query_params.get("state", "")
        if install is None or not secrets.compare_digest(install.state.encode(), given.encode()):
            raise _RefusedError(
                403, "This install was not begun here, or too long ago. Start over."
            )
        _check_signature(request, engine)
        if _shop(request) != install.shop:
            raise _RefusedError(403, "This install was begun for another shop. Start over.")
        if not await engine.store.install_states.use(install.shop, install.state, now=now):
            raise _RefusedError(403, "This install was finished before. Start over.")
        return install


async def _connect(engine: Engine, shop: ShopDomain, code: str) -> Shop:
    try:
        return await engine.arrivals.by_code(shop, code)
    except QueryRejectedError:
        raise _RefusedError(400, "Shopify does not accept this install. Start over.") from None
    except ShopBlockedError as error:
        raise _RefusedError(403, f"Shopify refuses: {error}") from error
    except RetryableError:
        raise _RefusedError(503, "Shopify does not answer just now. Start over.") from None
    except SyncError as error:
        log.exception("install.failed", shop=shop)
        raise _RefusedError(500, "The install failed. Start over later.") from error


def _redirect(url: str) -> Response:
    return RedirectResponse(url, status_code=302, headers={"Cache-Control": "no-store"})


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
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return PlainTextResponse(f"{refused}\n", status_code=refused.status, headers=headers)
