"""The graphql-transport-ws protocol, closed in order where a client breaks it."""

from typing import Any

from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)

from gateway.graphql.context import Context


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Checks the shape of messages, which the library takes for granted."""

    async def handle_message(self, message: Any) -> None:
        """Handle a message of the protocol; any other closes the socket with 4400."""
        if _is_well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("The message is not of this protocol")


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
