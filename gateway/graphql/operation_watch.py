"""Measures and traces every operation, counts its shop's engagement, and names it in the log."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import structlog
from graphql import DocumentNode, OperationDefinitionNode
from strawberry.extensions import SchemaExtension

from gateway.engagement_log import EngagementLog
from gateway.graphql.errors import ApiError
from gateway.observing.door_telemetry import DoorTelemetry

_INVALID = "invalid"
_SUBSCRIPTION = "subscription"
_OUTCOMES = {"INTERNAL_SERVER_ERROR": "failed", "UNAVAILABLE": "unavailable"}

log = structlog.get_logger(__name__)


class OperationWatch(SchemaExtension):
    """Stands outermost, so that it sees results as clients do.

    Over HTTP what it learns goes into the one line of the request; an operation on a WebSocket has
    a line of its own.
    """

    def __init__(self, telemetry: DoorTelemetry, engagement: EngagementLog) -> None:
        """Take whom to tell."""
        self._telemetry = telemetry
        self._engagement = engagement
        self._while_live = ExitStack()

    def on_operation(self) -> Iterator[None]:
        """Watch an operation from its text to its answer, a subscription to its end.

        What its client does not wait for has ``ended``, as a subscription does.
        """
        caller = self.execution_context.context.caller
        if caller is not None and caller.shop is not None:
            structlog.contextvars.bind_contextvars(shop=caller.shop)
        began, outcome = time.monotonic(), "ended"
        try:
            with self._while_live:
                yield
            outcome = _outcome(self.execution_context.result)
        except ApiError:  # not let in, or stopped
            outcome = "refused"
            raise
        finally:
            self._tell(time.monotonic() - began, outcome)

    def _tell(self, seconds: float, outcome: str) -> None:
        execution = self.execution_context
        context = execution.context
        kind, name = _named(execution.graphql_document, execution.operation_name)
        if outcome == "rejected" or kind == _INVALID:  # whatever its text says, it is no operation
            kind, name, outcome = _INVALID, "", "rejected"
        self._telemetry.operation_ended(kind, name, outcome, seconds)
        shop = None if context.caller is None else context.caller.shop
        if shop is not None and kind != _INVALID:
            self._engagement.count(shop, context.engine.clock.now().date())
        facts = {"operation": name, "kind": kind, "outcome": outcome}
        if context.socket is None:
            structlog.contextvars.bind_contextvars(**facts)
        else:
            log.info("operation.finished", seconds=round(seconds, 6), **facts)

    def on_execute(self) -> Iterator[None]:
        """Trace the execution; of a subscription that is its beginning, and it lives on."""
        execution = self.execution_context
        kind, name = _named(execution.graphql_document, execution.operation_name)
        with self._telemetry.span(f"graphql {name or kind}", kind=kind):
            yield
        if kind == _SUBSCRIPTION:
            self._while_live.enter_context(self._telemetry.subscriber())


def _named(document: DocumentNode | None, wanted: str | None) -> tuple[str, str]:
    """Return the kind and the name of the operation that is executed."""
    for definition in () if document is None else document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            name = definition.name.value if definition.name else ""
            if wanted in {None, "", name}:
                return definition.operation.value, name
    return _INVALID, ""


def _outcome(result: Any) -> str:
    errors = getattr(result, "errors", None)
    if not errors:
        return "ok"
    codes = [(error.extensions or {}).get("code") for error in errors]
    for code, outcome in _OUTCOMES.items():
        if code in codes:
            return outcome
    return "refused" if any(error.path for error in errors) else "rejected"
