"""Gets tokens from Shopify: by consent, by a session token, by the app's own credentials.

Source: shopify.dev, "Authenticate a standalone or API-only app", "Exchange a session token for an
access token", "Use expiring offline access tokens" and "Client credentials grant", read 2026-11-23.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

import httpx
import msgspec

from sync_engine.model.clock import Clock
from sync_engine.model.errors import QueryRejectedError, ShopifyUnavailableError, TokenRevokedError
from sync_engine.model.shop import AccessGrant, GrantKind
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.app_credentials import AppCredentials
from sync_engine.shopify.failures import network_error, status_error
from sync_engine.shopify.retrying import retrying
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.request_window import RequestWindow
from sync_engine.shopify.unreadable import UNREADABLE

_TOKEN_EXCHANGE = {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange"}
_SESSION_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 - a name, no secret
_OFFLINE_TOKEN_TYPE = "urn:shopify:params:oauth:token-type:offline-access-token"  # noqa: S105

_OPEN_AGAIN = "Shopify does not renew the token: the merchant has to open the app again"


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What Shopify's token endpoint answers; a token without ``expires_in`` does not expire."""

    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    scope: str = ""
    expires_in: float | None = None
    refresh_token: str | None = None
    refresh_token_expires_in: float | None = None


class OAuth:
    """Shopify's OAuth endpoints, for any shop."""

    def __init__(
        self, app: AppCredentials, pool: httpx.AsyncClient, window: RequestWindow, clock: Clock
    ) -> None:
        """Take the app's identity, the shared connection pool and the limit of this process."""
        self._app = app
        self._pool = pool
        self._window = window
        self._clock = clock

    def authorize_url(self, shop: ShopDomain, *, redirect_uri: str, state: str) -> str:
        """Return where the merchant grants the app its scopes; asks for an offline token."""
        query = {
            "client_id": self._app.api_key,
            "scope": ",".join(self._app.scopes),
            "redirect_uri": redirect_uri,
            "state": state,
        }
        return f"{self._app.shop_url(shop, '/admin/oauth/authorize')}?{urlencode(query)}"

    async def exchange_code(
        self, shop: ShopDomain, code: str
    ) -> tuple[AccessGrant, tuple[str, ...]]:
        """Exchange the code of a callback for an expiring offline token; returns its scopes too.

        Not retried: a code is good once.

        Raises:
            QueryRejectedError: the code is wrong, used or too old.
            ShopifyUnavailableError: no good answer came; the merchant has to begin again.
        """
        answer = await self._post(shop, {"code": code, "expiring": "1"})
        return self._grant(answer), _scopes(answer)

    async def exchange_session_token(self, shop: ShopDomain, session_token: str) -> AccessGrant:
        """Exchange a session token for an expiring offline token.

        Not retried: a session token lives for a minute, and whoever sent it sends another.

        Raises:
            QueryRejectedError: Shopify does not accept the session token.
            ShopifyUnavailableError: no good answer came.
        """
        return await self._exchange(shop, session_token, _SESSION_TOKEN_TYPE)

    async def migrate(self, shop: ShopDomain, access_token: str) -> AccessGrant:
        """Exchange an offline token that does not expire for one that does; the old one dies.

        A lost answer may be asked for again for seven days.

        Raises:
            TokenRevokedError: Shopify does not accept the old token.
            ShopifyUnavailableError: no good answer came, even after several tries.
        """

        async def attempt() -> AccessGrant:
            return await self._exchange(shop, access_token, _OFFLINE_TOKEN_TYPE)

        return await self._renewing(attempt, _OPEN_AGAIN)

    async def by_client_credentials(self, shop: ShopDomain) -> AccessGrant:
        """Return a token of a day for a merchant's own app in its own shop.

        Raises:
            TokenRevokedError: the app's credentials are not good for this shop.
            ShopifyUnavailableError: no good answer came, even after several tries.
        """

        async def attempt() -> AccessGrant:
            answer = await self._post(shop, {"grant_type": "client_credentials"})
            return self._grant(answer, GrantKind.CLIENT_CREDENTIALS)

        return await self._renewing(
            attempt,
            "Shopify does not give the app a token for this shop by its key and secret alone: that "
            "works for apps of the shop's own organization",
        )

    async def refresh(self, shop: ShopDomain, refresh_token: str) -> AccessGrant:
        """Return a new pair of tokens; the old refresh token dies when the new pair is used.

        Raises:
            TokenRevokedError: the refresh token is no good; the merchant has to open the app.
            ShopifyUnavailableError: no good answer came, even after several tries.
        """

        async def attempt() -> AccessGrant:
            form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
            return self._grant(await self._post(shop, form))

        return await self._renewing(attempt, _OPEN_AGAIN)

    async def _renewing(
        self, attempt: Callable[[], Awaitable[AccessGrant]], refusal: str
    ) -> AccessGrant:
        try:
            return await retrying(attempt, clock=self._clock, on_retry=lambda: None)
        except QueryRejectedError as error:
            raise TokenRevokedError(refusal) from error

    async def _exchange(self, shop: ShopDomain, token: str, token_type: str) -> AccessGrant:
        form = _TOKEN_EXCHANGE | {
            "subject_token": token,
            "subject_token_type": token_type,
            "requested_token_type": _OFFLINE_TOKEN_TYPE,
            "expiring": "1",
        }
        return self._grant(await self._post(shop, form))

    async def _post(self, shop: ShopDomain, form: dict[str, str]) -> TokenAnswer:
        credentials = {"client_id": self._app.api_key, "client_secret": self._app.api_secret}
        url = self._app.shop_url(shop, "/admin/oauth/access_token")
        await self._window.enter(shop, Priority.PERSON)
        try:
            response = await self._pool.post(
                url, data=credentials | form, headers={"Accept": "application/json"}
            )
        except httpx.HTTPError as error:
            raise network_error(error) from error
        found = status_error(response.status_code, response.headers)
        if found is not None:
            raise found
        try:
            answer: TokenAnswer = msgspec.json.decode(response.content, type=TokenAnswer)
        except UNREADABLE as error:
            message = "Shopify's token endpoint answers in another shape"
            raise ShopifyUnavailableError(message) from error
        return answer

    def _grant(self, answer: TokenAnswer, kind: GrantKind = GrantKind.OAUTH) -> AccessGrant:
        now = self._clock.now()
        lives = answer.expires_in
        refresh_lives = answer.refresh_token_expires_in
        return AccessGrant(
            access_token=answer.access_token,
            kind=kind,
            expires_at=None if lives is None else now + timedelta(seconds=lives),
            refresh_token=answer.refresh_token,
            refresh_expires_at=(
                None if refresh_lives is None else now + timedelta(seconds=refresh_lives)
            ),
        )


def _scopes(answer: TokenAnswer) -> tuple[str, ...]:
    return tuple(sorted(scope.strip() for scope in answer.scope.split(",") if scope.strip()))
