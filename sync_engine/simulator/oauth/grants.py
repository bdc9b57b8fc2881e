"""The token endpoint: every way to get an access token, and every refusal.

Source: shopify.dev, "Authenticate a standalone or API-only app", "Exchange a session token for an
access token", "Use expiring offline access tokens", "Client credentials grant".
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from sync_engine.simulator.oauth.session_token import read_session_token
from sync_engine.simulator.oauth.tokens import (
    OFFLINE_SECONDS,
    ONLINE_SECONDS,
    REFRESH_SECONDS,
    AccessToken,
    RefreshToken,
    TokenStore,
)

_URN = "urn:ietf:params:oauth"
_SHOPIFY_URN = "urn:shopify:params:oauth"

TOKEN_EXCHANGE = f"{_URN}:grant-type:token-exchange"
ID_TOKEN = f"{_URN}:token-type:id_token"
OFFLINE_TOKEN = f"{_SHOPIFY_URN}:token-type:offline-access-token"
ONLINE_TOKEN = f"{_SHOPIFY_URN}:token-type:online-access-token"

_CODE_GONE = "The authorization code was not found or was already used"
_USER = 902_541_635


class GrantError(Exception):
    """A refusal of the token endpoint.

    Attributes:
        status: HTTP status.
        code: OAuth error code.
    """

    def __init__(self, *, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.status = status


class AppCredentials(Struct, frozen=True):
    """What the app is known by; `scopes` are what it asks for in its settings."""

    client_id: str
    client_secret: str
    scopes: frozenset[str]


class TokenEndpoint:
    """Answers the token requests of one shop."""

    def __init__(
        self, *, shop: str, app: AppCredentials, tokens: TokenStore, scopes: frozenset[str]
    ) -> None:
        self._shop = shop
        self._app = app
        self._tokens = tokens
        self._scopes = scopes

    def answer(self, form: Mapping[str, str], now: float) -> dict[str, Any]:
        """The JSON body of a granted request.

        Raises:
            GrantError: The request is refused.
        """
        if form.get("client_id") != self._app.client_id:
            message = f"Could not find Shopify API application with api_key {form.get('client_id')}"
            raise GrantError(code="application_cannot_be_found", description=message)
        if form.get("client_secret") != self._app.client_secret:
            message = "The client secret is wrong"
            raise GrantError(code="invalid_client", description=message, status=401)
        match form.get("grant_type"):
            case None | "" | "authorization_code":
                return self._code(form, now)
            case "refresh_token":
                return self._refresh(form, now)
            case "client_credentials":
                token = self._tokens.short_lived(
                    shop=self._shop,
                    app=self._app.client_id,
                    scopes=self._scopes,
                    kind="client_credentials",
                    now=now,
                )
                return {**_plain(token), "expires_in": ONLINE_SECONDS}
            case grant if grant == TOKEN_EXCHANGE:
                return self._exchange(form, now)
            case other:
                message = f"The grant type {other} is not supported"
                raise GrantError(code="unsupported_grant_type", description=message)

    def _code(self, form: Mapping[str, str], now: float) -> dict[str, Any]:
        code = self._tokens.redeem_code(form.get("code", ""), self._shop, self._app.client_id, now)
        if code is None:
            raise GrantError(code="invalid_request", description=_CODE_GONE)
        if code.is_online:
            return self._online(code.scopes, now)
        return self._offline(code.scopes, now, is_expiring=_is_expiring(form))

    def _refresh(self, form: Mapping[str, str], now: float) -> dict[str, Any]:
        pair = self._tokens.refresh(
            form.get("refresh_token", ""), self._shop, self._app.client_id, now
        )
        if pair is None:
            message = "The refresh token is invalid, expired or was already replaced"
            raise GrantError(code="invalid_grant", description=message)
        return _pair(pair)

    def _exchange(self, form: Mapping[str, str], now: float) -> dict[str, Any]:
        requested = form.get("requested_token_type")
        if form.get("subject_token_type") == OFFLINE_TOKEN:
            if requested != OFFLINE_TOKEN or not _is_expiring(form):
                message = "An offline token can only be exchanged for an expiring one"
                raise GrantError(code="invalid_request", description=message)
            pair = self._tokens.migrate(
                form.get("subject_token", ""), self._shop, self._app.client_id, now
            )
            if pair is None:
                raise GrantError(
                    code="invalid_subject_token", description="Subject token is invalid"
                )
            return _pair(pair)
        if form.get("subject_token_type") != ID_TOKEN:
            raise GrantError(
                code="invalid_request", description="The subject token type is not supported"
            )
        claims = read_session_token(
            form.get("subject_token", ""),
            shop=self._shop,
            app=self._app.client_id,
            secret=self._app.client_secret,
            now=now,
        )
        if claims is None:
            raise GrantError(code="invalid_subject_token", description="Subject token is invalid")
        if requested == ONLINE_TOKEN:
            return self._online(self._scopes, now)
        if requested == OFFLINE_TOKEN:
            return self._offline(self._scopes, now, is_expiring=_is_expiring(form))
        raise GrantError(
            code="invalid_request", description="The requested token type is not supported"
        )

    def _offline(self, scopes: frozenset[str], now: float, *, is_expiring: bool) -> dict[str, Any]:
        app = self._app.client_id
        if not is_expiring:
            return _plain(self._tokens.permanent(shop=self._shop, app=app, scopes=scopes))
        return _pair(self._tokens.expiring_pair(shop=self._shop, app=app, scopes=scopes, now=now))

    def _online(self, scopes: frozenset[str], now: float) -> dict[str, Any]:
        token = self._tokens.short_lived(
            shop=self._shop,
            app=self._app.client_id,
            scopes=scopes,
            kind="online",
            now=now,
            user=_USER,
        )
        return {
            **_plain(token),
            "expires_in": ONLINE_SECONDS,
            "associated_user_scope": _scope_text(scopes),
            "associated_user": {
                "id": _USER,
                "first_name": "Ada",
                "last_name": "Lovelace",
                "email": "ada@example.com",
                "email_verified": True,
                "account_owner": True,
                "locale": "en",
                "collaborator": False,
            },
        }


def _is_expiring(form: Mapping[str, str]) -> bool:
    return form.get("expiring") in {"1", "true"}


def _scope_text(scopes: frozenset[str]) -> str:
    return ",".join(sorted(scopes))


def _plain(token: AccessToken) -> dict[str, Any]:
    return {"access_token": token.text, "scope": _scope_text(token.scopes)}


def _pair(refresh: RefreshToken) -> dict[str, Any]:
    return {
        **_plain(refresh.access),
        "expires_in": OFFLINE_SECONDS,
        "refresh_token": refresh.text,
        "refresh_token_expires_in": REFRESH_SECONDS,
    }
