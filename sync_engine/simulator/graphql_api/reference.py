"""Executes a request with graphql-core over the same field tables.

It is slow and complete: errors with their paths, nulls that spread as the schema says, partial
data, introspection. Requests come here when the compiled way cannot answer them in full.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    execute_sync,
)

from sync_engine.simulator.graphql_api.access import refusal
from sync_engine.simulator.graphql_api.errors import not_simulated
from sync_engine.simulator.graphql_api.execution import (
    BoundField,
    Execution,
    Field,
    FieldTable,
)
from sync_engine.simulator.graphql_api.paging import Paging
from sync_engine.simulator.graphql_api.type_names import type_name_of


def execute_reference(
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    tables: Mapping[str, FieldTable],
    variables: Mapping[str, Any],
    operation_name: str | None,
    execution: Execution,
) -> ExecutionResult:
    """Run an operation and report every error."""

    def resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        parent, name = info.parent_type.name, info.field_name
        field = tables.get(parent, {}).get(name)
        if field is None:
            what = f"the field `{name}` of `{parent}`"
            raise not_simulated(what)
        refused = refusal(parent, name, info.return_type, execution)
        if refused is not None:
            raise refused
        if isinstance(field, Field):
            return field.get(source)
        if isinstance(field, BoundField):
            return field.bind(arguments, execution)(source)
        paging = Paging.of(arguments)
        return field.bind(arguments, execution)(source).page(paging)

    def type_of(value: Any, _info: GraphQLResolveInfo[Any], _abstract: object) -> str:
        return type_name_of(value)

    result = execute_sync(
        schema,
        document,
        root_value=execution,
        variable_values=dict(variables),
        operation_name=operation_name,
        field_resolver=resolve,
        type_resolver=type_of,
    )
    for error in result.errors or ():
        cause = error.original_error
        if cause is not None and not isinstance(cause, GraphQLError):
            raise cause
    return result
