"""What queries cost at the endpoint, and the bucket that pays for them."""

import pytest

from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import ManualClock

SPEC = "demo:customers=20:products=8:orders=60"


DEAR = """{ orders(first: 250) { nodes { id lineItems(first: 250) { nodes { id
    originalUnitPriceSet { shopMoney { amount } presentmentMoney { amount } }
    originalTotalSet { shopMoney { amount } presentmentMoney { amount } }
    totalDiscountSet { shopMoney { amount } presentmentMoney { amount } } } } } } }"""


async def test_a_query_above_the_limit_is_refused_and_costs_nothing(
    simulate: MakeHarness,
) -> None:
    harness = simulate(SPEC)
    body = await harness.graphql(DEAR)
    assert "data" not in body
    error = body["errors"][0]
    assert error["message"].startswith(
        "Query cost is 1245, which exceeds the single query max cost limit (1000)."
    )
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert (error["extensions"]["cost"], error["extensions"]["maxCost"]) == (1245, 1000)
    after = await harness.graphql("{ shop { id } }")
    assert after["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 1999


async def test_the_requested_cost_must_be_in_the_bucket(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate("demo:orders=3")
    page = """{ orders(first: 100) { nodes { id lineItems(first: 250) { nodes { id
        originalUnitPriceSet { shopMoney { amount } presentmentMoney { amount } } } } } } }"""
    requested = 2 + 9 * (1 + 2 + 11 * 4)
    body = await harness.graphql(page)
    cost = body["extensions"]["cost"]
    assert cost["requestedQueryCost"] == requested == 425
    assert cost["actualQueryCost"] < 60
    await harness.control(
        "POST", "shops/demo", {"points": {"available": requested - 1, "restore_rate": 50}}
    )
    throttled = await harness.graphql(page)
    assert throttled == {
        "errors": [
            {
                "message": "Throttled",
                "extensions": {
                    "code": "THROTTLED",
                    "documentation": "https://shopify.dev/api/usage/rate-limits",
                },
            }
        ],
        "extensions": {
            "cost": {
                "requestedQueryCost": requested,
                "actualQueryCost": None,
                "throttleStatus": {
                    "maximumAvailable": 2000.0,
                    "currentlyAvailable": requested - 1,
                    "restoreRate": 50.0,
                },
            }
        },
    }
    clock.advance(0.03)
    assert "errors" not in await harness.graphql(page)
    counters = await harness.control("GET", "counters")
    assert counters["demo.myshopify.com"]["graphql"]["throttled"] == 1


async def test_each_app_has_a_bucket_of_its_own(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    await harness.graphql("{ shop { id } }")
    token = (await harness.control("POST", "shops/demo/tokens", {}))["access_token"]
    response = await harness.post_graphql(
        "{ shop { id } }", headers={"X-Shopify-Access-Token": token}
    )
    status = response.json()["extensions"]["cost"]["throttleStatus"]
    assert status["currentlyAvailable"] == 1999


@pytest.mark.parametrize(
    ("plan", "size", "rate"),
    [("standard", 2000, 100), ("advanced", 4000, 200), ("plus", 20000, 1000),
     ("enterprise", 40000, 2000)],
)  # fmt: skip
async def test_the_bucket_follows_the_plan(
    simulate: MakeHarness, plan: str, size: int, rate: int
) -> None:
    body = await simulate(f"demo:plan={plan}").graphql("{ shop { id } }")
    status = body["extensions"]["cost"]["throttleStatus"]
    assert (status["maximumAvailable"], status["restoreRate"]) == (size, rate)


@pytest.mark.parametrize("name", ["Shopify-GraphQL-Cost-Debug", "X-GraphQL-Cost-Include-Fields"])
async def test_the_debug_header_shows_the_cost_of_fields(simulate: MakeHarness, name: str) -> None:
    harness = simulate(SPEC)
    value = "1" if name.startswith("Shopify") else "true"
    response = await harness.post_graphql(
        "{ orders(first: 10) { nodes { id } } }", headers={**harness.headers, name: value}
    )
    assert response.json()["extensions"]["cost"]["fields"][0]["path"] == ["orders"]
