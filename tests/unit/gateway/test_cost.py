"""Points by Shopify's prices: examples that users reported, and what holds for every query."""

from typing import Any

import pytest
from graphql import build_schema, parse
from hypothesis import given
from hypothesis import strategies as st

from gateway.graphql.cost.actual import actual_cost
from gateway.graphql.cost.buckets import CostBuckets
from gateway.graphql.cost.plan import CostPlan, PlannedField, Shape, plan_cost
from gateway.graphql.cost.requested import requested_cost
from gateway.graphql.errors import QueryTooComplexError
from tests.manual_clock import ManualClock

SCHEMA = build_schema(
    """
    type Query { product: Product  customers(first: Int! = 50): CustomerConnection! }
    type Mutation { change: Change  other: Change }
    type Change { product: Product }
    type Product { title: String  tags: [String!]!  options: [Option!]!
                   variants(first: Int! = 20): VariantConnection! }
    type Option { name: String  values(first: Int! = 5): [Value!]! }
    type Value { name: String }
    type Variant { price: Money  inventoryItem: Item }
    type Item { sku: String }
    type Money { amount: String }
    type Customer { name: String  product: Product }
    type VariantConnection { nodes: [Variant!]!  edges: [VariantEdge!]!  pageInfo: PageInfo! }
    type VariantEdge { node: Variant! }
    type CustomerConnection { nodes: [Customer!]!  totalCount: Int  pageInfo: PageInfo! }
    type PageInfo { hasNextPage: Boolean! }
    """
)


def planned(query: str, operation: str | None = None, max_fields: int = 1_000) -> CostPlan:
    return plan_cost(parse(query), operation, SCHEMA, max_fields=max_fields)


def points(query: str, **variables: Any) -> int:
    return requested_cost(planned(query), variables).points


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ product { title tags } }", 1),
        ("{ product { variants(first: 250) { nodes { inventoryItem { sku } } } } }", 25),
        ("{ customers(first: 10) { nodes { name } pageInfo { hasNextPage } } }", 2 + 4 * 1),
        ("{ customers { nodes { name } totalCount } }", 2 + 7 * 1),
        ("{ customers(first: 0) { nodes { name } } }", 2 + 1),
        ("{ product { variants { edges { node { price { amount } } } } } }", 1 + 2 + 5 * 2),
        ("{ product { options { values { name } } } }", 1 + 4 * (1 + 3 * 1)),
        ("{ product { options { values(first: 250) { name } } } }", 1 + 4 * (1 + 11 * 1)),
        ("mutation { change { product { title } } other { product { title } } }", 20),
        ("{ product { title } product { variants(first: 1) { nodes { price { amount } } } } }", 5),
        ("{ a: product { title } b: product { title } }", 2),
        ("{ __schema { types { name } } }", 10),
        ("{ ...F } fragment F on Query { product { ...G } } fragment G on Product { title }", 1),
    ],
)
def test_the_price_is_shopifys(query: str, expected: int) -> None:
    assert points(query) == expected


def test_the_size_of_a_page_may_be_a_variable() -> None:
    query = "query($n: Int! = 10) { customers(first: $n) { nodes { name } } }"
    assert points(query) == 2 + 4
    assert points(query, n=250) == 2 + 11
    assert points(query, n="nonsense") == points(query, n=-1) == 2 + 11  # execution will refuse it


def test_lists_inside_lists_are_counted_whole() -> None:
    query = "{ customers(first: 250) { nodes { product { variants(first: 100) { nodes { price"
    plan = planned(f"{query} {{ amount }} }} }} }} }} }} }}")
    assert requested_cost(plan, None).nodes == 250 + 250 * 100


def test_fragments_that_multiply_are_refused_in_time() -> None:
    schema = build_schema("type Query { me: Query  name: String }")
    doubling = " ".join(
        f"fragment F{n} on Query {{ a: me {{ ...F{n + 1} }} b: me {{ ...F{n + 1} }} }}"
        for n in range(60)
    )
    bomb = parse(f"{{ ...F0 }} {doubling} fragment F60 on Query {{ name }}")
    with pytest.raises(QueryTooComplexError, match="more than 500 fields"):
        plan_cost(bomb, None, schema, max_fields=500)


def answers(field: PlannedField) -> st.SearchStrategy[Any]:
    """Return what may come back for a field, with pages no longer than were asked for."""
    inner: st.SearchStrategy[Any] = st.fixed_dictionaries(
        {child.key: answers(child) for child in field.children}
    )
    if field.shape is Shape.CONNECTION:
        return inner
    if field.shape in {Shape.NODES, Shape.EDGES, Shape.LIST}:
        return st.lists(st.none() | inner, max_size=4)
    return st.none() | inner


WIDE = """{ product { options { values { name } } variants(first: 4) {
    nodes { price { amount } inventoryItem { sku } } edges { node { price { amount } } } } }
    customers(first: 4) { nodes {
        product { variants(first: 4) { nodes { price { amount } } } } } } }"""


@given(st.data())
def test_what_came_back_never_costs_more_than_was_asked_for(data: st.DataObject) -> None:
    plan = planned(WIDE)
    answer = {field.key: data.draw(answers(field)) for field in plan.fields}
    assert 0 <= actual_cost(plan, answer) <= requested_cost(plan, None).points


def test_a_bucket_fills_by_itself_and_never_overflows() -> None:
    clock = ManualClock()
    buckets = CostBuckets(
        capacity=100, restore_per_second=10, monotonic_seconds=clock.monotonic_seconds
    )
    assert buckets.take("a", 80)
    assert not buckets.take("a", 30)
    assert buckets.take("b", 100)
    assert buckets.seconds_until("a", 30) == 1
    clock.advance(1)
    assert buckets.take("a", 30)
    buckets.give_back("a", 5)
    assert buckets.available("a") == 5
    clock.advance(1_000)
    assert buckets.available("a") == 100
