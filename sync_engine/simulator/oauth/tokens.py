"""Access tokens, refresh tokens and authorization codes, with how long each of them lives.

Source: shopify.dev, "About offline access tokens", "Use expiring offline access tokens", changelog
of 2026-08-28 (retrying an old refresh token) and "More resilient token exchanges" (retrying a
migration).
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from msgspec import Struct

OFFLINE_SECONDS = 3600
ONLINE_SECONDS = 86_399
REFRESH_SECONDS = 7_776_000
CODE_SECONDS = 60

_RETRY_SECONDS = 30 * 86_400
_MIGRATION_RETRY_SECONDS = 7 * 86_400
_END_OF_PERMANENT_TOKENS = datetime(2027, 1, 1, tzinfo=UTC).timestamp()


class AccessToken(Struct, kw_only=True):
    """A token that requests carry.

    Attributes:
        kind: `static` (a custom app's), `permanent` (an app's old offline token), `offline`
            (expiring), `online`, or `client_credentials`.
        user: Who is signed in, for online tokens.
        was_used: Whether any request carried it yet.
    """

    text: str
    shop: str
    app: str
    scopes: frozenset[str]
    kind: str
    expires: float | None = None
    revoked: float | None = None
    user: int | None = None
    was_used: bool = False


class RefreshToken(Struct, kw_only=True):
    """A token that buys the next pair; `access` is the one it came with."""

    text: str
    shop: str
    app: str
    scopes: frozenset[str]
    expires: float
    access: AccessToken
    first_used: float | None = None
    replacement: "RefreshToken | None" = None
    is_dead: bool = False


class AuthorizationCode(Struct, kw_only=True):
    """A code that an app may trade for a token, once."""

    text: str
    shop: str
    app: str
    scopes: frozenset[str]
    is_online: bool
    expires: float


class TokenStore:
    """All tokens of the platform."""

    def __init__(self, random_text: Callable[[], str]) -> None:
        self._random_text = random_text
        self._access: dict[str, AccessToken] = {}
        self._refresh: dict[str, RefreshToken] = {}
        self._codes: dict[str, AuthorizationCode] = {}

    def add_static(self, shop: str, text: str, scopes: Iterable[str]) -> AccessToken:
        """The token of a shop's own custom app."""
        return self._add(
            AccessToken(text=text, shop=shop, app="custom", scopes=frozenset(scopes), kind="static")
        )

    def find(self, text: str, shop: str, now: float) -> AccessToken | None:
        """The token with this text, if the shop accepts it at this moment."""
        token = self._access.get(text)
        if token is None or token.shop != shop or token.revoked is not None:
            return None
        if token.expires is not None and now >= token.expires:
            return None
        if token.kind == "permanent" and now >= _END_OF_PERMANENT_TOKENS:
            return None
        token.was_used = True
        return token

    def tokens_of(self, shop: str) -> list[AccessToken]:
        """Every access token ever given out for a shop."""
        return [token for token in self._access.values() if token.shop == shop]

    def scopes_of(self, shop: str, app: str, now: float) -> frozenset[str] | None:
        """What an app may do on a shop; None where it is not installed."""
        scopes: frozenset[str] | None = None
        for token in self._access.values():
            if (token.shop, token.app) == (shop, app) and token.revoked is None:
                is_online = token.kind == "online" and now >= (token.expires or now)
                # A token that has run out and can be renewed still stands for an installation.
                scopes = scopes if is_online else token.scopes
        return scopes

    def change_scopes(self, shop: str, app: str, scopes: frozenset[str]) -> None:
        """Let all tokens of an app on a shop do this from now on."""
        for token in self._access.values():
            if (token.shop, token.app) == (shop, app):
                token.scopes = scopes
        for refresh in self._refresh.values():
            if (refresh.shop, refresh.app) == (shop, app):
                refresh.scopes = scopes

    def new_code(
        self, *, shop: str, app: str, scopes: frozenset[str], is_online: bool, now: float
    ) -> AuthorizationCode:
        """An authorization code."""
        code = AuthorizationCode(
            text=self._random_text(),
            shop=shop,
            app=app,
            scopes=scopes,
            is_online=is_online,
            expires=now + CODE_SECONDS,
        )
        self._codes[code.text] = code
        return code

    def redeem_code(self, text: str, shop: str, app: str, now: float) -> AuthorizationCode | None:
        """Use up a code; None if it is unknown, used, expired or another's."""
        code = self._codes.get(text)
        if code is None or (code.shop, code.app) != (shop, app) or now >= code.expires:
            return None
        del self._codes[text]
        return code

    def permanent(self, *, shop: str, app: str, scopes: frozenset[str]) -> AccessToken:
        """An app's old kind of offline token: authorizing again gives the same one."""
        for token in self._access.values():
            is_same = (token.shop, token.app, token.kind) == (shop, app, "permanent")
            if is_same and token.revoked is None:
                token.scopes = scopes
                return token
        return self._new(shop=shop, app=app, scopes=scopes, kind="permanent", seconds=None, now=0)

    def short_lived(
        self,
        *,
        shop: str,
        app: str,
        scopes: frozenset[str],
        kind: str,
        now: float,
        user: int | None = None,
    ) -> AccessToken:
        """An online token, or one by client credentials: a day, no refresh token."""
        token = self._new(
            shop=shop, app=app, scopes=scopes, kind=kind, seconds=ONLINE_SECONDS, now=now
        )
        token.user = user
        return token

    def expiring_pair(
        self, *, shop: str, app: str, scopes: frozenset[str], now: float
    ) -> RefreshToken:
        """A new family of expiring tokens; the refresh tokens of older families die."""
        for refresh in self._refresh.values():
            if (refresh.shop, refresh.app) == (shop, app):
                refresh.is_dead = True
        return self._pair(shop=shop, app=app, scopes=scopes, now=now)

    def refresh(self, text: str, shop: str, app: str, now: float) -> RefreshToken | None:
        """The next pair of a family, or None where the refresh token is no good any more."""
        old = self._refresh.get(text)
        if old is None or (old.shop, old.app) != (shop, app) or old.is_dead or now >= old.expires:
            return None
        if old.replacement is not None:
            was_taken = old.replacement.first_used is not None or old.replacement.access.was_used
            is_late = old.first_used is not None and now >= old.first_used + _RETRY_SECONDS
            if was_taken or is_late:
                return None
            old.replacement.is_dead = True
        old.first_used = now if old.first_used is None else old.first_used
        old.replacement = self._pair(shop=shop, app=app, scopes=old.scopes, now=now)
        return old.replacement

    def migrate(self, text: str, shop: str, app: str, now: float) -> RefreshToken | None:
        """Trade an old offline token for an expiring pair; the old one dies.

        A lost answer may be asked for again for seven days.
        """
        token = self._access.get(text)
        if token is None or (token.shop, token.app, token.kind) != (shop, app, "permanent"):
            return None
        if token.revoked is not None and now >= token.revoked + _MIGRATION_RETRY_SECONDS:
            return None
        token.revoked = now if token.revoked is None else token.revoked
        return self.expiring_pair(shop=shop, app=app, scopes=token.scopes, now=now)

    def revoke(self, shop: str, now: float, *, app: str | None = None) -> int:
        """Revoke the tokens of a shop (of one app, or of all), refresh tokens included."""
        count = 0
        for token in self.tokens_of(shop):
            if app in {None, token.app} and token.revoked is None:
                token.revoked = now
                count += 1
        for refresh in self._refresh.values():
            if refresh.shop == shop and app in {None, refresh.app}:
                refresh.is_dead = True
        return count

    def expire(self, shop: str, now: float) -> int:
        """Let the expiring access tokens of a shop end now; refresh tokens stay good."""
        count = 0
        for token in self.tokens_of(shop):
            if token.expires is not None and token.expires > now:
                token.expires = now
                count += 1
        return count

    def forget(self, shop: str) -> None:
        """Drop everything that was ever given out for a shop."""
        self._access = {t.text: t for t in self._access.values() if t.shop != shop}
        self._refresh = {t.text: t for t in self._refresh.values() if t.shop != shop}
        self._codes = {c.text: c for c in self._codes.values() if c.shop != shop}

    def _pair(self, *, shop: str, app: str, scopes: frozenset[str], now: float) -> RefreshToken:
        access = self._new(
            shop=shop, app=app, scopes=scopes, kind="offline", seconds=OFFLINE_SECONDS, now=now
        )
        refresh = RefreshToken(
            text=f"shprt_{self._random_text()}",
            shop=shop,
            app=app,
            scopes=scopes,
            expires=now + REFRESH_SECONDS,
            access=access,
        )
        self._refresh[refresh.text] = refresh
        return refresh

    def _new(
        self,
        *,
        shop: str,
        app: str,
        scopes: frozenset[str],
        kind: str,
        seconds: float | None,
        now: float,
    ) -> AccessToken:
        prefix = "shpua" if kind == "online" else "shpat"
        return self._add(
            AccessToken(
                text=f"{prefix}_{self._random_text()}",
                shop=shop,
                app=app,
                scopes=scopes,
                kind=kind,
                expires=None if seconds is None else now + seconds,
            )
        )

    def _add(self, token: AccessToken) -> AccessToken:
        self._access[token.text] = token
        return token
