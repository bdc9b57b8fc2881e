"""The graphql-transport-ws protocol: closed in order where a client breaks it or may not stay."""

import asyncio
from contextlib import suppress
from typing import Any

from graphql import GraphQLError
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    SubscribeMessage,
)

from gateway.graphql.context import Context
from gateway.graphql.credential_watch import credential_end
from gateway.graphql.errors import TooManyOperationsError
from gateway.graphql.http_request import RefusedRequestError, check_variables
from gateway.graphql.limits import Limits


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Checks what the library takes for granted: the shape of messages, the caller's credential.

    The library counts what is in flight on one connection; ``Admission`` counts over all of them.
    """

    _watch: asyncio.Task[None] | None = None

    @property
    def _limits(self) -> Limits:
        limits = getattr(self.view, "limits", None)
        assert isinstance(limits, Limits)  # noqa: S101 - only our view makes these
        return limits

    async def handle_message(self, message: Any) -> None:
        """Handle a message of the protocol; any other closes the socket with 4400."""
        if _is_well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("The message is not of this protocol")

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Let the caller in, and begin to watch its credential."""
        await super().handle_connection_init(message)
        if self.connection_acknowledged and self._watch is None:
            self._watch = asyncio.create_task(self._close_when_credential_ends())

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begin an operation, unless there are too many of them or it is too much to read."""
        allowed = self._limits.subscriptions_per_connection
        if len(self.operations) >= allowed:
            sentence = f"{allowed} operations are going on over this connection already."
            await self._refuse(message, sentence, TooManyOperationsError.code)
            return
        try:
            check_variables(
                message["payload"].get("variables"),
                max_values=self._limits.variable_values,
                max_depth=self._limits.variable_depth,
            )
        except RefusedRequestError as refused:
            await self._refuse(message, str(refused), refused.code)
            return
        await super().handle_subscribe(message)

    async def shutdown(self) -> None:
        """End everything that goes on over the connection."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        await super().shutdown()

    async def _close_when_credential_ends(self) -> None:
        end = await credential_end(
            self.context, check_seconds=self._limits.credential_check_seconds
        )
        for operation in list(self.operations):
            await self.cleanup_operation(operation)
        await self.websocket.close(code=end.code, reason=end.reason)

    async def _refuse(self, message: SubscribeMessage, sentence: str, code: str) -> None:
        error = GraphQLError(sentence, extensions={"code": code}).formatted
        await self.send_message({"id": message["id"], "type": "error", "payload": [error]})


def _is_well_formed(message: dict[str, Any]) -> bool:
    if message.get("type") not in {"subscribe", "complete"}:
        return True
    if not isinstance(message.get("id"), str):
        return False
    if message["type"] == "complete":
        return True
    payload = message.get("payload")
    return (
        isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )
