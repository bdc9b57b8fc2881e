"""Gives every operation a context of its own, also where a WebSocket carries many."""

from collections.abc import AsyncIterator

from strawberry.extensions import SchemaExtension


class OperationScope(SchemaExtension):
    """Replaces the connection's context just before the operation is executed."""

    async def on_execute(self) -> AsyncIterator[None]:
        """Put the operation's context in the place of the connection's.

        Raises:
            UnauthenticatedError: the caller's credential was revoked since the connection began.
        """
        operation = self.execution_context
        operation.context = await operation.context.for_operation()
        yield
