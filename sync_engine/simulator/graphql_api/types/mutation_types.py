"""Mutation: bulk operations, webhook subscriptions, uninstalling."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from msgspec import Struct

from sync_engine.simulator.bulk.operation import BulkOperation
from sync_engine.simulator.bulk.operations import BulkRefusedError, Submission
from sync_engine.simulator.bulk.validation import BulkQueryError
from sync_engine.simulator.gids import read_gid
from sync_engine.simulator.graphql_api.errors import invalid_global_id
from sync_engine.simulator.graphql_api.execution import (
    Arguments,
    BoundField,
    Execution,
    Field,
    FieldTable,
    Getter,
)
from sync_engine.simulator.graphql_api.types.shop_types import App
from sync_engine.simulator.webhooks.subscriptions import SubscriptionError
from sync_engine.simulator.webhooks.topics import is_protected, scope_of_topic, topic_of

_TERMINAL = {
    "COMPLETED": "completed",
    "EXPIRED": "completed",
    "FAILED": "failed",
    "CANCELED": "canceled",
    "CANCELING": "canceling",
}


class UserError(Struct, frozen=True):
    """A business error of a mutation."""

    message: str
    field: tuple[str, ...] | None = None
    code: str | None = None


class Payload(Struct, frozen=True):
    """What a mutation answers: its subject and its user errors."""

    subject: Any
    errors: tuple[UserError, ...] = ()


def _run_query(arguments: Arguments, execution: Execution) -> Getter:
    def run(_root: Any) -> Payload:
        submission = Submission(
            app=execution.app,
            query=arguments["query"],
            group_objects=bool(arguments["groupObjects"]),
        )
        try:
            operation = execution.backstage.submit_bulk(submission, execution)
        except BulkQueryError as error:
            return Payload(
                None, tuple(UserError(text, ("query",), "INVALID") for text in error.messages)
            )
        except BulkRefusedError as error:
            return Payload(None, (UserError(str(error), None, error.code),))
        return Payload(operation.snapshot(execution.moment))

    return run


def _cancel(arguments: Arguments, execution: Execution) -> Getter:
    def cancel(_root: Any) -> Payload:
        operation = _operation(arguments["id"], execution)
        if operation is None:
            return Payload(None, (UserError("Bulk operation does not exist", ("id",)),))
        status = operation.snapshot(execution.moment).status
        if status in _TERMINAL:
            message = f"A bulk operation cannot be canceled when it is {_TERMINAL[status]}"
            return Payload(operation.snapshot(execution.moment), (UserError(message),))
        operation.cancel(execution.moment)
        execution.backstage.note_cancel(operation)
        return Payload(operation.snapshot(execution.moment))

    return cancel


def _operation(text: str, execution: Execution) -> BulkOperation | None:
    found = read_gid(text)
    if found is None:
        raise invalid_global_id(text)
    if found[0] != "BulkOperation":
        return None
    return execution.state.operations.find(found[1], execution.app)


def _webhook_mutation(change: Callable[[Arguments, Execution], Any]) -> BoundField:
    def bind(arguments: Arguments, execution: Execution) -> Getter:
        def run(_root: Any) -> Payload:
            try:
                return Payload(change(arguments, execution))
            except SubscriptionError as error:
                return Payload(None, (UserError(str(error), error.field),))

        return run

    return BoundField(bind)


def _create(arguments: Arguments, execution: Execution) -> Any:
    _check_topic(topic_of(arguments["topic"]), execution)
    given = arguments["webhookSubscription"]
    return execution.state.webhooks.create(execution.app, arguments["topic"], given, execution.now)


def _check_topic(topic: str, execution: Execution) -> None:
    """Refuse what the app may not hear of, in the words of real stores."""
    scope = scope_of_topic(topic)
    if scope is not None and not execution.may(scope):
        message = "You cannot create a webhook subscription with the specified topic"
        raise SubscriptionError(("webhookSubscription",), message)
    if is_protected(topic) and not execution.state.approval.has_customers:
        message = (
            "This app is not approved to subscribe to webhook topics containing protected customer "
            "data. See https://shopify.dev/docs/apps/launch/protected-customer-data for more "
            "details."
        )
        raise SubscriptionError(("webhookSubscription",), message)


def _update(arguments: Arguments, execution: Execution) -> Any:
    number = _subscription_number(arguments["id"])
    given = arguments["webhookSubscription"]
    return execution.state.webhooks.update(number, execution.app, given, execution.now)


def _delete(arguments: Arguments, execution: Execution) -> str:
    execution.state.webhooks.delete(_subscription_number(arguments["id"]), execution.app)
    return str(arguments["id"])


def _subscription_number(text: str) -> int:
    found = read_gid(text)
    if found is None:
        raise invalid_global_id(text)
    return found[1] if found[0] == "WebhookSubscription" else -1


def _uninstall(_arguments: Arguments, execution: Execution) -> Getter:
    def uninstall(_root: Any) -> Payload:
        execution.backstage.uninstall()
        return Payload(App(execution.app))

    return uninstall


MUTATION: FieldTable = {
    "appUninstall": BoundField(_uninstall),
    "bulkOperationCancel": BoundField(_cancel),
    "bulkOperationRunQuery": BoundField(_run_query),
    "webhookSubscriptionCreate": _webhook_mutation(_create),
    "webhookSubscriptionDelete": _webhook_mutation(_delete),
    "webhookSubscriptionUpdate": _webhook_mutation(_update),
}


def payload(subject: str) -> FieldTable:
    """The fields of a mutation's payload, the subject under its own name."""
    return {subject: Field(attrgetter("subject")), "userErrors": Field(attrgetter("errors"))}


USER_ERROR: FieldTable = {
    "field": Field(attrgetter("field")),
    "message": Field(attrgetter("message")),
}
CODED_USER_ERROR: FieldTable = {**USER_ERROR, "code": Field(attrgetter("code"))}
