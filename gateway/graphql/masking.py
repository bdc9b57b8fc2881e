"""Hides from clients what went wrong on our side; the log has it under the correlation id.

The only place in the gateway that takes any exception, whatever its class.
"""

from collections.abc import Iterator
from typing import Any

import structlog
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from gateway.graphql.errors import UnavailableError
from sync_engine.model.errors import StoreUnavailableError

log = structlog.get_logger(__name__)


class ErrorMask(SchemaExtension):
    """Looks at every result before it leaves, the events of a subscription one by one."""

    def on_operation(self) -> Iterator[None]:
        """Mask the errors of a query or a mutation."""
        yield
        self._mask(self.execution_context.result)

    def on_stream_result(self, result: Any) -> Iterator[None]:
        """Mask the errors of one event."""
        self._mask(result)
        yield

    def _mask(self, result: Any) -> None:
        errors = getattr(result, "errors", None)
        if errors:
            correlation_id = self.execution_context.context.correlation_id
            result.errors = [_shown(error, correlation_id) for error in errors]


def _shown(error: GraphQLError, correlation_id: str) -> GraphQLError:
    cause = _cause(error)
    if cause is None:
        return error
    if isinstance(cause, StoreUnavailableError):
        log.warning("graphql.unavailable", path=error.path, reason=str(cause))
        unavailable = UnavailableError()
        return _at(error, unavailable.message, unavailable.extensions or {})
    log.error("graphql.failed", path=error.path, correlation_id=correlation_id, exc_info=cause)
    code = {"code": "INTERNAL_SERVER_ERROR", "correlationId": correlation_id}
    return _at(error, "internal error", code)


def _cause(error: GraphQLError) -> Exception | None:
    """Return what was raised on our side, None for an error that is meant for clients."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _at(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(message, nodes=error.nodes, path=error.path, extensions=extensions)
