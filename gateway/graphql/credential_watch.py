"""Waits until a connection's credential is no longer good, for as long as the connection lasts."""

from enum import Enum

from gateway.graphql.context import Context
from gateway.graphql.errors import UnauthenticatedError
from sync_engine.model.errors import StoreUnavailableError


class CredentialEnd(Enum):
    """How a credential ended: the code and the reason with which a WebSocket is closed."""

    EXPIRED = (4401, "Unauthorized: the credential has expired")
    REVOKED = (4403, "Forbidden: the credential is no longer valid")

    @property
    def code(self) -> int:
        """The code of the close frame."""
        return self.value[0]

    @property
    def reason(self) -> str:
        """The reason in the close frame."""
        return self.value[1]


async def credential_end(context: Context, *, check_seconds: float) -> CredentialEnd:
    """Return when the caller of a connection has lost its credential, and how.

    An expiry is met to the moment; a revocation within the time between two checks.
    """
    clock = context.engine.clock
    while True:
        pause_seconds = check_seconds
        expires_at = context.principal.expires_at
        if expires_at is not None:
            left_seconds = (expires_at - clock.now()).total_seconds()
            if left_seconds <= 0:
                return CredentialEnd.EXPIRED
            pause_seconds = min(check_seconds, left_seconds)
        await clock.sleep(pause_seconds)
        try:
            await context.check_caller()
        except UnauthenticatedError:
            is_expired = expires_at is not None and expires_at <= clock.now()
            return CredentialEnd.EXPIRED if is_expired else CredentialEnd.REVOKED
        except StoreUnavailableError:
            continue  # nobody is sent away because we cannot look
