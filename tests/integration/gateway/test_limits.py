"""What one caller may ask for: costs told as Shopify tells them, refusals that say what to do."""

from typing import Any

import pytest

from config.settings import Settings
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import (
    MONDAY,
    SHOP,
    batch,
    commit,
    connected_shop,
    customer,
    order,
    run_under_way,
)
from tests.integration.gateway.conftest import Caller, MakeCaller
from tests.integration.gateway.limited_gateway import limited_gateway

SHOP_NAME = "{ shop { name } }"
ORDERS = """query($first: Int!) { shop { orders(first: $first) {
    nodes { name totalPrice { amount } customer { displayName } } pageInfo { hasNextPage } } } }"""
NEWER = "application/graphql-response+json"


async def cost(caller: Caller, query: str, **variables: Any) -> Any:
    return (await caller.post(query, **variables)).json()["extensions"]["cost"]


async def test_every_answer_tells_its_cost_in_shopifys_shape(
    make_caller: MakeCaller, store: Store
) -> None:
    await connected_shop(store)
    run = await run_under_way(store)
    await commit(store, run, Resource.CUSTOMERS, batch(customer(1)))
    await commit(store, run, Resource.ORDERS, batch(order(1, customer_id=1), order(2)))
    caller = await make_caller(SHOP)
    assert await cost(caller, ORDERS, first=50) == {
        "requestedQueryCost": 1 + 2 + 7 * 3,
        "actualQueryCost": 1 + 2 + 1 * 3,
        "throttleStatus": {
            "maximumAvailable": 20_000,
            "currentlyAvailable": pytest.approx(20_000, abs=30),
            "restoreRate": 1_000,
        },
    }
    unknown = 'mutation { cancelSync(input: {runId: "x"}) { userErrors { code } } }'
    told = await cost(caller, unknown)
    assert (told["requestedQueryCost"], told["actualQueryCost"]) == (10, 10)


async def test_an_empty_bucket_throttles_its_caller_and_no_other(
    settings: Settings, store: Store
) -> None:
    await connected_shop(store)
    async with limited_gateway(
        settings, bucket_points=30, restore_points=1, query_points=40
    ) as operator:
        query = ORDERS.replace("{ shop {", f'{{ shop(domain: "{SHOP}") {{')
        response = await operator.post(query, first=50)
        assert response.json()["data"]["shop"]["orders"]["nodes"] == []
        left = response.json()["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"]
        assert 26 <= left <= 28  # 24 were taken and 21 given back
        response = await operator.post(query, first=250)
        assert response.status_code == 200
        assert response.json() == {
            "errors": [
                {
                    "message": "Throttled",
                    "extensions": {
                        "code": "THROTTLED",
                        "retryAfterSeconds": pytest.approx(9, abs=1),
                    },
                }
            ],
            "extensions": {
                "cost": {
                    "requestedQueryCost": 36,
                    "actualQueryCost": None,
                    "throttleStatus": {
                        "maximumAvailable": 30,
                        "currentlyAvailable": pytest.approx(27, abs=2),
                        "restoreRate": 1,
                    },
                }
            },
        }
        headers = {"Authorization": f"Bearer {operator.token}", "Accept": NEWER}
        body = {"query": query, "variables": {"first": 250}}
        newer = await operator.http.post("/graphql", json=body, headers=headers)
        assert newer.status_code == 429
        assert 8 <= int(newer.headers["retry-after"]) <= 10
        _, text = await store.api_tokens.create(SHOP, [], now=MONDAY)
        other = Caller(operator.http, text)
        assert (await other.data("{ viewer { kind } }")) == {"viewer": {"kind": "SHOP"}}


async def test_one_query_that_is_too_dear_never_runs(operator: Caller) -> None:
    nested = "orders(first: 250) { nodes { customer { orders(first: 250) { nodes { customer { "
    query = f"{{ shop {{ {nested} orders(first: 250) {{ nodes {{ name }} }} }} }} }} }} }} }} }} }}"
    response = await operator.post(query)
    assert response.status_code == 200
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"  # 250 * 250 * 250 nodes
    lines = "lineItems { unitPrice { amount } product { variants { price { amount } } } }"
    query = query.replace("250", "25").replace("{ name }", f"{{ name {lines} }}")
    (error,) = await operator.errors(query)
    points = error["extensions"]["cost"]
    assert points > 1_000
    assert error["extensions"] == {"code": "MAX_COST_EXCEEDED", "cost": points, "maxCost": 1_000}
    sentence = f"Query cost is {points}, which exceeds the single query max cost limit (1000)"
    assert error["message"] == sentence


async def test_an_operation_that_takes_too_long_is_stopped(settings: Settings) -> None:
    async with limited_gateway(settings, timeout_seconds=0.000_001) as operator:
        (error,) = await operator.errors("{ shops { totalCount } }")
        assert error["extensions"] == {"code": "TIMEOUT"}


async def test_as_many_operations_run_as_there_is_room_for(settings: Settings) -> None:
    for limit in ("concurrent_operations", "concurrent_operations_per_caller"):
        async with limited_gateway(settings, **{limit: 0}) as operator:  # type: ignore[arg-type]
            (error,) = await operator.errors("{ viewer { kind } }")
            assert error["extensions"] == {"code": "TOO_MANY_OPERATIONS"}


async def test_what_the_schema_has_is_suggested_to_operators_alone(
    operator: Caller, make_caller: MakeCaller, store: Store
) -> None:
    await connected_shop(store)
    caller = await make_caller(SHOP)
    enum = "query($r: Resource) { shop { syncErrors(resource: $r) { totalCount } } }"
    for query, variables in (("{ shop { nam } }", {}), (enum, {"r": "ORDER"})):
        (told,) = await operator.errors(query, **variables)
        assert "Did you mean" in told["message"]
        (hidden,) = await caller.errors(query, **variables)
        assert "Did you mean" not in hidden["message"]


async def test_every_error_has_a_code(operator: Caller) -> None:
    for query, code in (
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: Int!) { shops(first: $n) { totalCount } }", "BAD_USER_INPUT"),
        ("{ shops(first: 0) { totalCount } }", "BAD_USER_INPUT"),
        ("{ " + "viewer { kind } " * 2_000 + "}", "QUERY_TOO_COMPLEX"),
    ):
        assert await operator.code(query) == code
