"""Pages of connections: their bounds, their order, their cursors."""

import pytest

from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import pages

SPEC = "demo:customers=20:products=8:orders=60"


async def test_a_page_needs_one_bound_of_at_most_250(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    body = await harness.graphql("{ orders { nodes { id } } }")
    assert body["data"] is None
    assert body["errors"] == [
        {
            "message": "you must provide one of first or last",
            "locations": [{"line": 1, "column": 3}],
            "path": ["orders"],
            "extensions": {"code": "BAD_REQUEST"},
        }
    ]
    assert body["extensions"]["cost"]["requestedQueryCost"] == 2
    for arguments, message in (
        ("first: 1, last: 1", "providing both first and last is not supported"),
        ("first: 251", "first cannot exceed 250"),
        ("last: 251", "last cannot exceed 250"),
        ("first: -1", "first cannot be negative"),
    ):
        body = await harness.graphql(f"{{ customers({arguments}) {{ nodes {{ id }} }} }}")
        assert [error["message"] for error in body["errors"]] == [message]
        nested = (
            f"{{ orders(first: 1) {{ nodes {{ lineItems({arguments}) {{ nodes {{ id }} }} }} }} }}"
        )
        body = await harness.graphql(nested)
        assert body["data"] is None
        assert body["errors"][0]["path"] == ["orders", "nodes", 0, "lineItems"]


@pytest.mark.parametrize("root", ["orders", "customers", "products", "productVariants"])
async def test_pages_forwards_and_backwards_cover_the_list_once(
    simulate: MakeHarness, root: str
) -> None:
    harness = simulate(SPEC)
    forwards = [node["id"] for node in await pages(harness, root, "id", size=7)]
    assert len(forwards) == len(set(forwards)) >= 8
    query = f"""query ($before: String) {{ {root}(last: 9, before: $before, sortKey: ID) {{
        edges {{ node {{ id }} }} pageInfo {{ hasPreviousPage startCursor }} }} }}"""
    backwards: list[str] = []
    before = None
    while True:
        connection = (await harness.data(query, before=before))[root]
        backwards = [edge["node"]["id"] for edge in connection["edges"]] + backwards
        before = connection["pageInfo"]["startCursor"]
        if not connection["pageInfo"]["hasPreviousPage"]:
            break
    assert backwards == forwards


@pytest.mark.parametrize("key", ["UPDATED_AT", "PROCESSED_AT", "TOTAL_PRICE", "CUSTOMER_NAME"])
@pytest.mark.parametrize("is_reverse", [False, True])
async def test_pages_in_any_order_cover_the_list_once(
    simulate: MakeHarness, key: str, *, is_reverse: bool
) -> None:
    harness = simulate(SPEC)
    query = f"""query ($after: String) {{ orders(first: 13, after: $after, sortKey: {key},
        reverse: {str(is_reverse).lower()}) {{ nodes {{ id updatedAt }}
        pageInfo {{ hasNextPage endCursor }} }} }}"""
    found, after = [], None
    while True:
        connection = (await harness.data(query, after=after))["orders"]
        found += connection["nodes"]
        after = connection["pageInfo"]["endCursor"]
        if not connection["pageInfo"]["hasNextPage"]:
            break
    assert len({node["id"] for node in found}) == len(found) == 60
    if key == "UPDATED_AT":
        moments = [node["updatedAt"] for node in found]
        assert moments == sorted(moments, reverse=is_reverse)


async def test_a_cursor_belongs_to_its_list(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    page = "{ orders(first: 2, sortKey: ID) { pageInfo { endCursor } } }"
    cursor = (await harness.data(page))["orders"]["pageInfo"]["endCursor"]
    for arguments in ("sortKey: UPDATED_AT", 'sortKey: ID, query: "test:false"'):
        body = await harness.graphql(
            f'{{ orders(first: 2, after: "{cursor}", {arguments}) {{ nodes {{ id }} }} }}'
        )
        assert body["errors"][0]["message"] == "Invalid cursor for current pagination sort."
    body = await harness.graphql('{ orders(first: 2, after: "x") { nodes { id } } }')
    assert body["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
