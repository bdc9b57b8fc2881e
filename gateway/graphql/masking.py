"""Hides from clients what went wrong on our side; the log has it under the correlation id.

The only place in the gateway that takes any exception, whatever its class.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from gateway.graphql.context import Context
from gateway.graphql.errors import BadUserInputError, QueryTooComplexError, UnavailableError
from sync_engine.model.errors import StoreUnavailableError

log = structlog.get_logger(__name__)


_SUGGESTION = re.compile(r" Did you mean .*\?", re.DOTALL)


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
            result.errors = shown_errors(errors, self.execution_context.context)


def shown_errors(errors: Iterable[GraphQLError], context: Context) -> list[GraphQLError]:
    """Return what the caller is told of errors; idempotent, so that no way out can be missed."""
    return [_shown(error, context) for error in errors]


def _shown(error: GraphQLError, context: Context) -> GraphQLError:
    cause = _cause(error)
    if cause is None:
        return _meant_for_clients(error, context)
    if isinstance(cause, StoreUnavailableError):
        log.warning("graphql.unavailable", path=error.path, reason=str(cause))
        unavailable = UnavailableError()
        return _at(error, unavailable.message, unavailable.extensions or {})
    if isinstance(cause, CannotGetOperationTypeError | InvalidOperationTypeError):
        return _at(error, error.message, {"code": BadUserInputError.code})
    correlation_id = context.correlation_id
    log.error("graphql.failed", path=error.path, correlation_id=correlation_id, exc_info=cause)
    code = {"code": "INTERNAL_SERVER_ERROR", "correlationId": correlation_id}
    return _at(error, "internal error", code)


def _meant_for_clients(error: GraphQLError, context: Context) -> GraphQLError:
    """Return an error with a code, and without names of the schema for whom they are not."""
    if not (error.extensions or {}).get("code"):
        is_syntax = isinstance(error, GraphQLSyntaxError)
        code = "GRAPHQL_PARSE_FAILED" if is_syntax else BadUserInputError.code
        if is_syntax and "tokens" in error.message:
            code = QueryTooComplexError.code
        error.extensions = {**(error.extensions or {}), "code": code}
    is_operator = context.caller is not None and context.caller.is_operator
    if not is_operator and _SUGGESTION.search(error.message):
        error.message = _SUGGESTION.sub("", error.message)
    return error


def _cause(error: GraphQLError) -> Exception | None:
    """Return what was raised on our side, None for an error that is meant for clients."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _at(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(message, nodes=error.nodes, path=error.path, extensions=extensions)
