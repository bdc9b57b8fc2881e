"""Turns a credential into a principal; a credential that is no good is a value, not an exception.

Later kinds of credentials (session tokens, cookies) are further branches of ``authenticate``.
"""

import hmac
from enum import Enum

from gateway.access.principal import Principal
from sync_engine.engine import Engine

_SCHEME = "bearer"


class Rejection(Enum):
    """Why nobody was authenticated; the value is the sentence for the caller."""

    MISSING = "No credential was sent: send 'Authorization: Bearer <token>'."
    MALFORMED = "The credential cannot be read: send 'Authorization: Bearer <token>'."
    UNKNOWN = "The token is not valid, or was revoked."


class Authenticator:
    """Knows the operator's token and asks the engine for the others."""

    def __init__(self, operator_token: str | None) -> None:
        """Take the operator's token; without one nobody is an operator."""
        self._operator_token = operator_token.encode() if operator_token else None

    async def authenticate(
        self, authorization: str | None, engine: Engine
    ) -> Principal | Rejection:
        """Return who sent an ``Authorization`` header, or its like on a WebSocket.

        Raises:
            StoreUnavailableError: the token cannot be looked up just now.
        """
        if not authorization:
            return Rejection.MISSING
        scheme, _, credential = authorization.strip().partition(" ")
        text = credential.strip()
        if scheme.lower() != _SCHEME or not text:
            return Rejection.MALFORMED
        if self._is_operator(text):
            return Principal.operator()
        token = await engine.store.api_tokens.authenticate(text, now=engine.clock.now())
        return Rejection.UNKNOWN if token is None else Principal.of_token(token)

    def _is_operator(self, text: str) -> bool:
        if self._operator_token is None:
            return False
        return hmac.compare_digest(self._operator_token, text.encode(errors="replace"))
