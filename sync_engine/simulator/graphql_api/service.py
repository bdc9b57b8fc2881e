"""Answers a GraphQL request in the order in which Shopify does.

Parse and validate, refuse what costs more than any query may, charge the bucket or throttle, run,
give back what was not used, and report the cost whatever happened.

Source: shopify.dev, "GraphQL Admin API rate limits" and "status and error codes"; the bodies for
THROTTLED and MAX_COST_EXCEEDED follow answers of real stores.
"""

from collections import OrderedDict
from collections.abc import Mapping
from math import floor
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values
from msgspec import Struct

from sync_engine.simulator.buckets import PointsBucket
from sync_engine.simulator.graphql_api.compiled import CannotCompileError, Compiler
from sync_engine.simulator.graphql_api.cost import MAX_QUERY_COST, QueryCost, query_cost
from sync_engine.simulator.graphql_api.execution import Execution
from sync_engine.simulator.graphql_api.reference import execute_reference
from sync_engine.simulator.graphql_api.selections import SelectionReader, Selections
from sync_engine.simulator.graphql_api.tables import FIELD_TABLES

_REMEMBERED = 512
_RATE_LIMITS = "https://shopify.dev/api/usage/rate-limits"


class GraphqlRequest(Struct, frozen=True, kw_only=True):
    """A request after HTTP was taken off it.

    Attributes:
        has_cost_debug: The caller asked for the cost of each field.
        is_throttled: A fault wants this request throttled, whatever the bucket holds.
    """

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None
    has_cost_debug: bool = False
    is_throttled: bool = False


class GraphqlAnswer(Struct, frozen=True, kw_only=True):
    """A body with what the log wants to know about it."""

    body: dict[str, Any]
    requested_cost: int | None = None
    actual_cost: int | None = None
    is_throttled: bool = False


class _Prepared(Struct, frozen=True, kw_only=True):
    """An operation that may run."""

    document: DocumentNode
    operation: OperationDefinitionNode
    root_type: GraphQLObjectType
    variables: VariableValues
    reader: SelectionReader

    @property
    def selections(self) -> Selections:
        """What the operation selects at its root."""
        return [self.operation.selection_set]


class GraphqlService:
    """Executes requests against the extract; holds parsed documents of late."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._documents: OrderedDict[str, DocumentNode | list[GraphQLError]] = OrderedDict()

    def answer(
        self, request: GraphqlRequest, execution: Execution, bucket: PointsBucket
    ) -> GraphqlAnswer:
        """The body of an answer with status 200."""
        document = self.document(request.query)
        if isinstance(document, list):
            return GraphqlAnswer(body=_errors(document))
        operation = get_operation_ast(document, request.operation_name)
        if operation is None:
            message = "An operation name is required"
            if request.operation_name:
                message = f"No operation named {request.operation_name!r}"
            return GraphqlAnswer(body=_errors([GraphQLError(message)]))
        variables = get_variable_values(
            self.schema, operation.variable_definitions or (), dict(request.variables)
        )
        if isinstance(variables, list):
            return GraphqlAnswer(body=_errors(variables))
        prepared = _Prepared(
            document=document,
            operation=operation,
            root_type=self._root_type(operation),
            variables=variables,
            reader=SelectionReader(self.schema, document, variables),
        )
        return self._charged(request, prepared, execution, bucket)

    def document(self, text: str) -> DocumentNode | list[GraphQLError]:
        """The parsed and validated document, or what is wrong with it."""
        found = self._documents.get(text)
        if found is None:
            found = self._documents[text] = self._read(text)
            if len(self._documents) > _REMEMBERED:
                self._documents.popitem(last=False)
        else:
            self._documents.move_to_end(text)
        return found

    def _read(self, text: str) -> DocumentNode | list[GraphQLError]:
        try:
            document = parse(text)
        except GraphQLError as error:
            return [error]
        return validate(self.schema, document) or document

    def _charged(
        self,
        request: GraphqlRequest,
        prepared: "_Prepared",
        execution: Execution,
        bucket: PointsBucket,
    ) -> GraphqlAnswer:
        cost = query_cost(
            prepared.reader,
            prepared.root_type,
            prepared.selections,
            prepared.variables,
            is_mutation=prepared.operation.operation is OperationType.MUTATION,
        )
        requested = cost.requested
        if requested > MAX_QUERY_COST:
            return GraphqlAnswer(body=_too_dear(requested), requested_cost=requested)
        now = execution.moment
        if request.is_throttled or not bucket.take(requested, now):
            return GraphqlAnswer(
                body={
                    "errors": [
                        {
                            "message": "Throttled",
                            "extensions": {"code": "THROTTLED", "documentation": _RATE_LIMITS},
                        }
                    ],
                    "extensions": {"cost": _cost_report(cost, None, bucket, now)},
                },
                requested_cost=requested,
                is_throttled=True,
            )
        data, errors = self._run(request, prepared, execution)
        actual = cost.actual(data)
        bucket.give_back(requested - actual, now)
        report = _cost_report(cost, actual, bucket, now)
        if request.has_cost_debug:
            report["fields"] = cost.fields()
        extensions: dict[str, Any] = {"cost": report}
        if execution.notes:
            extensions["search"] = [
                {
                    "path": list(note.path),
                    "query": note.query,
                    "parsed": note.parsed,
                    "warnings": list(note.warnings),
                }
                for note in execution.notes
            ]
        body: dict[str, Any] = {"data": data}
        if errors:
            body["errors"] = [error.formatted for error in errors]
        body["extensions"] = extensions
        return GraphqlAnswer(body=body, requested_cost=requested, actual_cost=actual)

    def _run(
        self, request: GraphqlRequest, prepared: "_Prepared", execution: Execution
    ) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
        operation = prepared.operation
        if operation.operation is OperationType.QUERY and not _asks_for_schema(operation):
            compiler = Compiler(prepared.reader, FIELD_TABLES, prepared.variables, execution)
            try:
                run = compiler.object(prepared.root_type, prepared.selections)
                return run(execution), []
            except (CannotCompileError, GraphQLError):
                execution.notes.clear()
        result = execute_reference(
            self.schema,
            prepared.document,
            tables=FIELD_TABLES,
            variables=request.variables,
            operation_name=request.operation_name,
            execution=execution,
        )
        return result.data, list(result.errors or ())

    def _root_type(self, operation: OperationDefinitionNode) -> GraphQLObjectType:
        root = self.schema.get_root_type(operation.operation)
        if root is None:
            message = f"the schema has no {operation.operation.value}"
            raise GraphQLError(message)
        return root


def _asks_for_schema(operation: OperationDefinitionNode) -> bool:
    return any(
        isinstance(node, FieldNode) and node.name.value in {"__schema", "__type"}
        for node in operation.selection_set.selections
    )


def _errors(errors: list[GraphQLError]) -> dict[str, Any]:
    return {"errors": [error.formatted for error in errors]}


def _too_dear(cost: int) -> dict[str, Any]:
    message = (
        f"Query cost is {cost}, which exceeds the single query max cost limit ({MAX_QUERY_COST}).\n"
        "\nSee https://shopify.dev/concepts/about-apis/rate-limits for more information on how the"
        "\ncost of a query is calculated.\n\nTo query larger amounts of data with fewer limits, "
        "bulk operations should be used instead.\n"
        "See https://shopify.dev/tutorials/perform-bulk-operations-with-admin-api for usage "
        "details.\n"
    )
    return {
        "errors": [
            {
                "message": message,
                "extensions": {
                    "code": "MAX_COST_EXCEEDED",
                    "cost": cost,
                    "maxCost": MAX_QUERY_COST,
                    "documentation": _RATE_LIMITS,
                },
            }
        ]
    }


def _cost_report(
    cost: QueryCost, actual: int | None, bucket: PointsBucket, now: float
) -> dict[str, Any]:
    return {
        "requestedQueryCost": cost.requested,
        "actualQueryCost": actual,
        "throttleStatus": {
            "maximumAvailable": bucket.maximum,
            "currentlyAvailable": floor(bucket.available(now)),
            "restoreRate": bucket.restore_rate,
        },
    }
