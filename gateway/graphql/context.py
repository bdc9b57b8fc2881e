"""What resolvers are given: who asks, the engine, and the loaders of this operation.

On a WebSocket the library makes one context for the whole connection. ``OperationScope`` therefore
gives every operation its own copy, and a subscription renews its loaders before each event.
"""

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import strawberry
from starlette.websockets import WebSocket

from gateway.access.authenticator import Authenticator, Rejection
from gateway.access.principal import Principal
from gateway.graphql.errors import UnauthenticatedError
from gateway.graphql.loaders.bundle import Loaders, fresh_loaders
from sync_engine.engine import Engine

_TRUSTED_SECONDS = 60.0


@dataclass(slots=True, kw_only=True)
class Context:
    """Of one operation; of a whole connection until its first operation.

    Not frozen, because the library sets ``connection_params`` and subscriptions renew loaders.
    ``caller`` is None on a WebSocket before its caller is known. ``cookie`` is there only where one
    of our own pages sent the request.
    """

    engine: Engine
    authenticator: Authenticator
    correlation_id: str
    authorization: str | None
    loaders: Loaders
    cookie: str | None = None
    caller: Principal | None = None
    socket: WebSocket | None = None
    connection_params: dict[str, Any] | None = None
    checked_at_seconds: float = 0.0

    @property
    def principal(self) -> Principal:
        """The caller.

        Raises:
            UnauthenticatedError: nobody is known, which the view and the handshake rule out.
        """
        if self.caller is None:
            raise UnauthenticatedError(Rejection.MISSING.value)
        return self.caller

    async def for_operation(self) -> "Context":
        """Return a context of its own for an operation; a socket's caller is checked again.

        Raises:
            UnauthenticatedError: the credential was revoked since.
            StoreUnavailableError: it cannot be looked up just now.
        """
        scoped = replace(self, loaders=fresh_loaders(self.engine))
        if self.socket is not None:
            await scoped.check_caller()
        return scoped

    async def for_event(self) -> None:
        """Forget what was read for earlier events, and now and then check the caller again.

        Raises:
            UnauthenticatedError: the credential was revoked since, or has run out.
            StoreUnavailableError: it cannot be looked up just now.
        """
        self.loaders = fresh_loaders(self.engine)
        trusted_until = self.checked_at_seconds + _TRUSTED_SECONDS
        is_due = self.engine.clock.monotonic_seconds() >= trusted_until
        if is_due or self.principal.has_expired(self.engine.clock.now()):
            await self.check_caller()

    def take_connection_params(self) -> None:
        """Let a credential in ``connection_init`` stand in for the header of the handshake."""
        for name, value in (self.connection_params or {}).items():
            if name.lower() == "authorization" and isinstance(value, str):
                self.authorization = value

    async def check_caller(self) -> None:
        """Authenticate the caller again, or for the first time.

        Raises:
            UnauthenticatedError: the credential is no good.
            RetryableError: that cannot be said just now.
        """
        found = await self.authenticator.authenticate(
            self.authorization, self.engine, cookie=self.cookie
        )
        if isinstance(found, Rejection):
            raise UnauthenticatedError(found.value)
        self.caller = found
        self.checked_at_seconds = self.engine.clock.monotonic_seconds()


Info: TypeAlias = strawberry.Info[Context, None]
