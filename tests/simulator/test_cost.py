"""The cost formula, against costs that real answers reported, and against arithmetic by hand."""

from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, parse
from graphql.execution.values import VariableValues

from sync_engine.simulator.graphql_api.cost import QueryCost, connection_factor, query_cost
from sync_engine.simulator.graphql_api.selections import SelectionReader

BAG = "{ shopMoney { amount } presentmentMoney { amount } }"


def cost_of(schema: GraphQLSchema, text: str) -> QueryCost:
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    nothing = VariableValues({}, {})
    root = schema.get_root_type(operation.operation)
    assert root is not None
    return query_cost(
        SelectionReader(schema, document, nothing),
        root,
        [operation.selection_set],
        nothing,
        is_mutation=text.startswith("mutation"),
    )


@pytest.mark.parametrize(("size", "factor"), [(0, 1), (1, 1), (2, 1), (10, 4), (50, 7), (250, 11)])
def test_a_connection_counts_its_node_by_the_logarithm_of_its_size(size: int, factor: int) -> None:
    assert connection_factor(size) == factor


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        # as real stores answered
        ("{ product(id: 1) { variants(first: 250) { nodes { inventoryItem { id } } } } }", 25),
        ("{ customers(first: 150) { edges { node { id } } } }", 12),
        # by hand
        ("{ shop { name } }", 1),
        ("{ orders(first: 1) { pageInfo { hasNextPage } } }", 2),
        ("{ orders { nodes { id } } }", 2),
        (f"{{ order(id: 1) {{ totalPriceSet {BAG} }} }}", 4),
        ("{ order(id: 1) { refunds { totalRefundedSet { shopMoney { amount } } } } }", 4),
        ("{ orders(last: 10) { nodes { id } edges { cursor node { id } } } }", 10),
        ("{ nodes(ids: [1, 2, 3]) { ... on Order { customer { id } } } }", 6),
        ("{ node(id: 1) { id } }", 1),
        ("{ order(id: 1) { billingAddress { city } } }", 1),
        ("{ productVariant(id: 1) { inventoryItem { unitCost { amount } } } }", 2),
        ('mutation { bulkOperationRunQuery(query: "") { bulkOperation { id } } }', 10),
    ],
)
def test_requested_cost(schema: GraphQLSchema, text: str, cost: int) -> None:
    assert cost_of(schema, text).requested == cost


def test_nested_connections_multiply(schema: GraphQLSchema) -> None:
    bags = " ".join(f"b{i}: totalPriceSet {BAG}" for i in range(6))
    line_bags = " ".join(f"b{i}: originalUnitPriceSet {BAG}" for i in range(3))
    line = f"{line_bags} product {{ id }} variant {{ id }}"
    text = f"""{{ orders(first: SIZE) {{ nodes {{ {bags} customer {{ id }}
        lineItems(first: 50) {{ nodes {{ {line} }} }} }} }} }}"""
    assert cost_of(schema, text.replace("SIZE", "50")).requested == 2 + 7 * 106
    assert cost_of(schema, text.replace("SIZE", "250")).requested == 1168


def test_an_interface_costs_its_dearest_type(schema: GraphQLSchema) -> None:
    order = "... on Order { customer { id } app { id } }"
    text = f"{{ node(id: 1) {{ {order} ... on Shop {{ plan {{ shopifyPlus }} }} }} }}"
    assert cost_of(schema, text).requested == 3


@pytest.mark.parametrize(
    ("data", "actual"),
    [
        (None, 0),
        ({"orders": {"nodes": []}}, 2),
        ({"orders": {"nodes": [{"customer": None}]}}, 2 + 1 * 1),
        ({"orders": {"nodes": [{"customer": {"id": "1"}}, {"customer": None}]}}, 2 + 2 * 1),
        ({"orders": {"nodes": [{"customer": {"id": "1"}}] * 10}}, 2 + 2 * 4),
    ],
)
def test_actual_cost_counts_what_came_back(
    schema: GraphQLSchema, data: dict[str, Any] | None, actual: int
) -> None:
    cost = cost_of(schema, "{ orders(first: 250) { nodes { customer { id } } } }")
    assert cost.requested == 2 + 2 * 11
    assert cost.actual(data) == actual


def test_costs_by_field_for_the_debug_header(schema: GraphQLSchema) -> None:
    fields = cost_of(
        schema, "{ orders(first: 10) { edges { node { customer { id } } } } }"
    ).fields()
    assert fields[0] == {
        "path": ["orders"],
        "definedCost": 2,
        "requestedTotalCost": 10,
        "requestedChildrenCost": 2,
    }
