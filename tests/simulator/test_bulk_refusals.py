"""Everything that Shopify refuses to run in bulk, with its words and codes."""

import pytest

from sync_engine.simulator.graphql_api.schema import load_schema
from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import POLL

LINES = "{ edges { node { id } } }"

BY_NODES = (
    "All connection fields in a bulk query must select their contents using 'edges' > 'node', "
    "e.g: 'products { edges { node {'. Selecting via 'nodes' is not supported. Invalid "
    "connection fields: 'products'."
)
WITHOUT_ID = (
    "The parent 'node' field for a nested connection must select the 'id' field without an "
    "alias and must be of 'ID' return type. Connection fields without 'id': orders."
)
NOT_A_NODE = (
    "All connections in a bulk query must be of types that implement the Node interface. "
    "Invalid connection fields: 'shippingLines'."
)
IN_A_LIST = (
    "{ orders { edges { node { id refunds { refundLineItems { edges { node { id } } } } } } } }"
)
TOO_DEEP = f"""{{ customers {{ edges {{ node {{ id orders {{ edges {{ node {{ id customer {{ id
    orders {{ edges {{ node {{ id lineItems {LINES} }} }} }} }} }} }} }} }} }} }} }}"""

REFUSALS = {
    "nothing": ("", "Invalid bulk query: syntax error, unexpected end of file"),
    "broken": ("{ orders {", "Invalid bulk query: Syntax Error: Expected Name, found <EOF>."),
    "mutation": (
        'mutation { bulkOperationCancel(id: "x") { userErrors { field } } }',
        "Invalid operation type. Only `query` operations are supported.",
    ),
    "unknown field": (
        "{ orders { edges { node { id colour } } } }",
        "Invalid bulk query: Cannot query field 'colour' on type 'Order'.",
    ),
    "no connection": ("{ shop { name } }", "Bulk queries must contain at least one connection."),
    "nodes": ("{ products { nodes { id } } }", BY_NODES),
    "two roots": (
        f"{{ orders {LINES} customers {LINES} }}",
        "Bulk queries cannot contain more than one top level field.",
    ),
    "no parent id": (
        f"{{ orders {{ edges {{ node {{ name lineItems {LINES} }} }} }} }}",
        WITHOUT_ID,
    ),
    "aliased parent id": (
        f"{{ orders {{ edges {{ node {{ key: id lineItems {LINES} }} }} }} }}",
        WITHOUT_ID,
    ),
    "connection in a list": (
        IN_A_LIST,
        "Queries that contain a connection field within a list field are not currently supported.",
    ),
    "not a Node": (
        "{ orders { edges { node { id shippingLines { edges { node { title } } } } } } }",
        NOT_A_NODE,
    ),
    "too deep": (
        TOO_DEEP,
        "Bulk queries cannot contain connections with a nesting depth greater than 2.",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_query_that_cannot_run_in_bulk_is_refused(simulate: MakeHarness, name: str) -> None:
    query, message = REFUSALS[name]
    payload = await simulate().submit(query)
    assert payload["bulkOperation"] is None
    assert {"code": "INVALID", "field": ["query"], "message": message} in payload["userErrors"]


async def test_a_top_level_node_breaks_two_rules_at_once(simulate: MakeHarness) -> None:
    payload = await simulate().submit('{ node(id: "gid://shopify/Order/1") { id } }')
    assert [error["message"] for error in payload["userErrors"]] == [
        "Bulk queries cannot contain a top level `node` field.",
        "Bulk queries must contain at least one connection.",
    ]


async def test_six_connections_are_too_many_and_five_are_not(simulate: MakeHarness) -> None:
    harness = simulate()
    nested = " ".join(f"l{i}: lineItems {LINES}" for i in range(5))
    payload = await harness.submit(f"{{ orders {{ edges {{ node {{ id {nested} }} }} }} }}")
    assert [error["message"] for error in payload["userErrors"]] == [
        "Bulk queries cannot contain more than 5 connections."
    ]
    nested = " ".join(f"l{i}: lineItems {LINES}" for i in range(4))
    payload = await harness.submit(f"{{ orders {{ edges {{ node {{ id {nested} }} }} }} }}")
    assert payload["userErrors"] == []


async def test_two_nested_levels_are_allowed(simulate: MakeHarness) -> None:
    payload = await simulate().submit(
        f"{{ customers {{ edges {{ node {{ id orders {{ edges {{ node {{ id lineItems {LINES} }} }}"
        " } } } } }"
    )
    assert payload["userErrors"] == []


async def test_bounds_and_page_info_are_ignored(simulate: MakeHarness) -> None:
    harness = simulate()
    lines = await harness.lines(
        "{ orders(first: 3) { pageInfo { hasNextPage } edges { cursor node { id } } } }"
    )
    assert len(lines) == 60


async def test_the_sixth_operation_of_an_app_is_refused(simulate: MakeHarness) -> None:
    harness = simulate(bulk_seconds=100.0)
    ids = []
    for _ in range(5):
        payload = await harness.submit(f"{{ orders {LINES} }}")
        ids.append(payload["bulkOperation"]["id"])
    refused = await harness.submit(f"{{ orders {LINES} }}")
    assert refused["bulkOperation"] is None
    assert refused["userErrors"] == [
        {
            "code": "OPERATION_IN_PROGRESS",
            "field": None,
            "message": "A bulk query operation for this app and shop is already in progress: "
            f"{', '.join(ids)}.",
        }
    ]
    token = (await harness.control("POST", "shops/demo/tokens", {}))["access_token"]
    other = await harness.post_graphql(
        f'mutation {{ bulkOperationRunQuery(query: "{{ orders {LINES} }}") '
        "{ bulkOperation { id } } }",
        headers={"X-Shopify-Access-Token": token},
    )
    assert other.json()["data"]["bulkOperationRunQuery"]["bulkOperation"]["id"]


async def test_a_cancelling_operation_still_holds_its_slot(simulate: MakeHarness) -> None:
    harness = simulate(bulk_seconds=100.0)
    await harness.control("POST", "shops/demo", {"cancel_seconds": 300})
    ids = [(await harness.submit(f"{{ orders {LINES} }}"))["bulkOperation"]["id"] for _ in range(5)]
    cancel = "mutation ($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } } }"
    data = await harness.data(cancel, id=ids[0])
    assert data["bulkOperationCancel"]["bulkOperation"]["status"] == "CANCELING"
    assert (await harness.submit(f"{{ orders {LINES} }}"))["bulkOperation"] is None
    harness.clock.advance(301)
    assert (await harness.data(POLL, id=ids[0]))["bulkOperation"]["status"] == "CANCELED"
    assert (await harness.submit(f"{{ orders {LINES} }}"))["bulkOperation"] is not None


async def test_an_app_without_bulk_operations_is_refused(simulate: MakeHarness) -> None:
    harness = simulate()
    await harness.control("POST", "shops/demo", {"is_bulk_disabled": True})
    payload = await harness.submit(f"{{ orders {LINES} }}")
    assert payload["userErrors"] == [
        {
            "code": "LIMIT_REACHED",
            "field": None,
            "message": "Bulk operations limit reached. Please try again later.",
        }
    ]


async def test_what_is_not_simulated_takes_no_slot(simulate: MakeHarness) -> None:
    harness = simulate()
    body = await harness.graphql(
        "mutation ($q: String!) { bulkOperationRunQuery(query: $q) { bulkOperation { id } } }",
        q="{ orders { edges { node { id statusPageUrl } } } }",
    )
    assert body["errors"][0]["extensions"]["code"] == "NOT_SIMULATED"
    assert await harness.control("GET", "shops/demo/operations") == []


def test_the_types_that_bulk_queries_may_list_are_those_of_shopify() -> None:
    schema = load_schema()
    node = schema.get_type("Node")
    names = {t.name for t in schema.get_implementations(node).objects}  # type: ignore[arg-type]
    assert names >= {"LineItem", "ProductVariant", "MailingAddress", "Refund", "OrderTransaction"}
    assert not names & {"ShippingLine", "DiscountApplication"}
