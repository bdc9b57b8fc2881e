"""The GraphQL endpoint: its answers, its refusals, and what it finds."""

from datetime import UTC, datetime

import httpx
import pytest

from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness, ManualClock, pages

SPEC = "demo:customers=20:products=8:orders=60"


DEAR = """{ orders(first: 250) { nodes { id lineItems(first: 250) { nodes { id
    originalUnitPriceSet { shopMoney { amount } presentmentMoney { amount } }
    originalTotalSet { shopMoney { amount } presentmentMoney { amount } }
    totalDiscountSet { shopMoney { amount } presentmentMoney { amount } } } } } } }"""


async def test_an_answer_carries_data_cost_version_and_request_id(simulate: MakeHarness) -> None:
    response = await simulate(SPEC).post_graphql("{ shop { myshopifyDomain currencyCode } }")
    assert response.headers["x-shopify-api-version"] == "2026-10"
    assert len(response.headers["x-request-id"]) == 36
    assert response.json() == {
        "data": {"shop": {"myshopifyDomain": "demo.myshopify.com", "currencyCode": "USD"}},
        "extensions": {
            "cost": {
                "requestedQueryCost": 1,
                "actualQueryCost": 1,
                "throttleStatus": {
                    "maximumAvailable": 2000.0,
                    "currentlyAvailable": 1999,
                    "restoreRate": 100.0,
                },
            }
        },
    }


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("2026-10", "2026-10"),
        ("2026-01", "2026-01"),
        ("2025-10", "2026-01"),
        ("2019-04", "2026-01"),
        ("2027-01", "2027-01"),
        ("unstable", "unstable"),
    ],
)
async def test_expired_versions_fall_forward(
    simulate: MakeHarness, asked: str, served: str
) -> None:
    response = await simulate(SPEC).post_graphql("{ shop { id } }", version=asked)
    assert response.headers["x-shopify-api-version"] == served


async def test_no_version_is_the_oldest_and_an_unknown_one_is_nowhere(
    simulate: MakeHarness,
) -> None:
    harness = simulate(SPEC)
    response = await harness.client.post(
        f"/{harness.domain}/admin/api/graphql.json",
        json={"query": "{ shop { id } }"},
        headers=harness.headers,
    )
    assert response.headers["x-shopify-api-version"] == "2026-01"
    for version in ("2031-01", "2026-02", "latest"):
        assert (await harness.post_graphql("{ shop { id } }", version=version)).status_code == 404


async def test_versions_age_with_the_clock(simulate: MakeHarness, clock: ManualClock) -> None:
    harness = simulate(SPEC)
    clock.seconds = datetime(2027, 1, 1, tzinfo=UTC).timestamp()
    data = await harness.data("{ publicApiVersions { handle supported } }")
    assert [v["handle"] for v in data["publicApiVersions"]] == [
        "2026-04", "2026-07", "2026-10", "2027-01", "2027-04", "unstable",
    ]  # fmt: skip
    assert [v["supported"] for v in data["publicApiVersions"]] == [True] * 4 + [False] * 2


async def test_wrong_tokens_shops_and_bodies_are_refused(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    wrong = await harness.post_graphql("{ shop { id } }", headers={"X-Shopify-Access-Token": "x"})
    assert wrong.status_code == 401
    assert wrong.json() == {
        "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"
    }
    assert (await harness.post_graphql("{ shop { id } }", headers={})).status_code == 401
    path = "/admin/api/2026-10/graphql.json"
    unknown = await harness.client.post(f"/nobody.myshopify.com{path}", json={"query": "{a}"})
    assert (unknown.status_code, unknown.json()) == (404, {"errors": "Not Found"})

    async def post(content: bytes, kind: str) -> httpx.Response:
        return await harness.client.post(
            f"/{harness.domain}{path}",
            content=content,
            headers={**harness.headers, "content-type": kind},
        )

    assert (await post(b'{"query": "{shop{id}}"}', "text/plain")).status_code == 400
    assert (await post(b"{nonsense", "application/json")).status_code == 400
    missing = await post(b"{}", "application/json")
    assert missing.json() == {"errors": {"query": "Required parameter missing or invalid"}}
    assert (await post(b"{ shop { name } }", "application/graphql")).json()["data"]["shop"]


async def test_a_client_that_takes_no_json_gets_406(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    headers = {**harness.headers, "Accept": "text/html"}
    assert (await harness.post_graphql("{ shop { id } }", headers=headers)).status_code == 406


async def test_mistakes_in_a_query_are_errors_without_data(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    for text, variables in (
        ("{ shop {", {}),
        ("{ shop { colour } }", {}),
        ("query A { shop { id } } query B { shop { id } }", {}),
        ("query ($id: ID!) { order(id: $id) { id } }", {}),
        ("query ($n: Int!) { orders(first: $n) { nodes { id } } }", {"n": "many"}),
    ):
        body = await harness.graphql(text, **variables)
        assert body["errors"]
        assert "data" not in body


async def test_a_missing_scope_makes_nulls_and_errors(simulate: MakeHarness) -> None:
    harness = simulate("demo:scopes=read_orders,read_all_orders:orders=40:customers=20")
    body = await harness.graphql(
        "{ orders(first: 3) { nodes { name customer { id } lineItems(first: 1) { nodes { title "
        "product { id } } } } } }"
    )
    assert [n["customer"] for n in body["data"]["orders"]["nodes"]] == [None] * 3
    assert all(n["name"] for n in body["data"]["orders"]["nodes"])
    assert body["errors"][0] == {
        "message": "Access denied for customer field. Required access: `read_customers` access "
        "scope.",
        "locations": [{"line": 1, "column": 35}],
        "path": ["orders", "nodes", 0, "customer"],
        "extensions": {
            "code": "ACCESS_DENIED",
            "documentation": "https://shopify.dev/api/usage/access-scopes",
            "requiredAccess": "`read_customers` access scope.",
        },
    }
    customers = await harness.graphql("{ shop { id } customers(first: 1) { nodes { id } } }")
    assert customers["data"] is None
    node = await harness.graphql('{ node(id: "gid://shopify/Product/1") { id } }')
    assert node["data"] == {"node": None}
    assert node["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


async def test_writing_implies_reading(simulate: MakeHarness) -> None:
    harness = simulate("demo:scopes=write_products")
    assert (await harness.data("{ products(first: 1) { nodes { id } } }"))["products"]["nodes"]


async def test_old_orders_are_hidden_without_read_all_orders(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate("demo:scopes=read_orders,read_customers:orders=400:end=2026-11-20")
    since = datetime.fromtimestamp(clock() - 60 * 86_400, UTC)
    visible = [o for o in harness.shop.orders() if o.created_at >= since]
    assert 0 < len(visible) < 400
    assert {n["name"] for n in await pages(harness, "orders", "name", size=250)} == {
        order.name for order in visible
    }
    count = (await harness.data("{ ordersCount(limit: null) { count } }"))["ordersCount"]["count"]
    assert count == len(visible)
    old = f"gid://shopify/Order/{harness.shop.order(0).id}"
    data = await harness.data(
        "query ($id: ID!) { order(id: $id) { id } node(id: $id) { id } }", id=old
    )
    assert data == {"order": None, "node": None}


async def test_counts_stop_at_their_limit(simulate: MakeHarness) -> None:
    data = await simulate(SPEC).data(
        """{ all: ordersCount { count precision } some: ordersCount(limit: 10) { count precision }
        exact: ordersCount(limit: 60) { count precision }
        customersCount(limit: null) { count precision }
        productsCount(query: "status:active") { count } }"""
    )
    assert data["all"] == {"count": 60, "precision": "EXACT"}
    assert data["some"] == {"count": 10, "precision": "AT_LEAST"}
    assert data["exact"] == {"count": 60, "precision": "EXACT"}
    assert data["customersCount"] == {"count": 20, "precision": "EXACT"}


async def test_records_are_found_by_id(simulate: MakeHarness) -> None:
    harness = simulate("demo:customers=20:products=8:orders=200:seed=5")
    shop = harness.shop
    order = next(o for o in shop.orders() if o.refunds and o.billing_address)
    customer = next(c for c in shop.customers() if c.addresses)
    variant = shop.product(0).variants[0]
    assert order.billing_address is not None
    ids = {
        "Order": order.id,
        "LineItem": order.line_items[-1].id,
        "Refund": order.refunds[0].id,
        "OrderTransaction": order.transactions[0].id,
        "Customer": customer.id,
        "Product": variant.product_id,
        "ProductVariant": variant.id,
        "InventoryItem": variant.inventory_item_id,
        "MailingAddress": customer.addresses[0].id,
        "Shop": shop.profile.id,
    }
    gids = [f"gid://shopify/{name}/{id_}" for name, id_ in ids.items()]
    gids.append(f"gid://shopify/MailingAddress/{order.billing_address.id}?model_name=Address")
    data = await harness.data(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=gids
    )
    assert [n["__typename"] for n in data["nodes"]] == [*ids, "MailingAddress"]
    assert [n["id"].partition("?")[0] for n in data["nodes"]] == [g.partition("?")[0] for g in gids]


async def test_ids_that_nothing_has_are_null_and_no_ids_are_errors(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    data = await harness.data(
        '{ order(id: "gid://shopify/Customer/1") { id } node(id: "gid://shopify/Order/17") { id } }'
    )
    assert data == {"order": None, "node": None}
    body = await harness.graphql('{ node(id: "17") { id } }')
    assert body["errors"][0]["message"] == "Invalid global id '17'"
    many = ["gid://shopify/Order/1"] * 251
    body = await harness.graphql("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=many)
    assert "greater than the maximum of 250" in body["errors"][0]["message"]


async def test_what_is_not_simulated_says_so(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    for text in (
        "{ orders(first: 1) { nodes { id statusPageUrl } } }",
        '{ orders(first: 1, query: "risk_level:high") { nodes { id } } }',
        '{ products(first: 1, query: "metafields.custom.a:1") { nodes { id } } }',
        "{ productVariants(first: 1, sortKey: POPULAR) { nodes { id } } }",
        "{ orders(first: 1, savedSearchId: 1) { nodes { id } } }",
        "{ orders(first: 1) { nodes { transactions(capturable: true) { id } } } }",
    ):
        body = await harness.graphql(text)
        assert body["errors"][0]["extensions"]["code"] == "NOT_SIMULATED", text


async def test_deprecated_fields_work(simulate: MakeHarness) -> None:
    data = await simulate(SPEC).data(
        "{ orders(first: 1) { nodes { totalPrice totalPriceSet { shopMoney { amount } } } } "
        "currentBulkOperation { id } }"
    )
    order = data["orders"]["nodes"][0]
    assert float(order["totalPrice"]) == float(order["totalPriceSet"]["shopMoney"]["amount"])


async def test_introspection_works(simulate: MakeHarness) -> None:
    data = await simulate(SPEC).data("{ __schema { queryType { name } } }")
    assert data["__schema"]["queryType"]["name"] == "QueryRoot"


@pytest.mark.parametrize(
    ("standing", "status"), [("frozen", 402), ("locked", 423), ("closed", 404)]
)
async def test_a_shop_in_trouble_answers_with_its_status(
    simulate: MakeHarness, standing: str, status: int
) -> None:
    harness = simulate(SPEC)
    await harness.control("POST", "shops/demo", {"standing": standing})
    assert (await harness.post_graphql("{ shop { id } }")).status_code == status
    await harness.control("POST", "shops/demo", {"standing": "open"})
    assert (await harness.post_graphql("{ shop { id } }")).status_code == 200


async def test_an_inactive_shop_answers_with_an_error_code(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    await harness.control("POST", "shops/demo", {"standing": "inactive"})
    body = await harness.graphql("{ shop { id } }")
    assert body["errors"][0]["extensions"]["code"] == "SHOP_INACTIVE"


async def test_amounts_follow_the_currency(simulate: MakeHarness) -> None:
    harness: Harness = simulate("demo:currency=JPY:presentment=KWD:orders=60:seed=4")
    shown = await harness.data(
        """{ orders(first: 60, sortKey: ID) { nodes { totalPrice totalPriceSet {
        shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } } } } }"""
    )
    for node, order in zip(shown["orders"]["nodes"], harness.shop.orders(), strict=True):
        bag = order.totals.total
        assert node["totalPrice"] == str(bag.shop_minor)
        assert node["totalPriceSet"]["shopMoney"]["amount"] == f"{bag.shop_minor}.0"
        seen = node["totalPriceSet"]["presentmentMoney"]
        assert float(seen["amount"]) == float(bag.presentment)
        assert "." in seen["amount"]
    currencies = {
        node["totalPriceSet"]["presentmentMoney"]["currencyCode"]
        for node in shown["orders"]["nodes"]
    }
    assert currencies == {"JPY", "KWD"}
