"""What webhooks say about records, deletions and bulk operations."""

from collections.abc import AsyncIterator

import pytest

from tests.simulator.conftest import MakeHarness
from tests.simulator.receiver import Receiver, receiver
from tests.simulator.test_edits import SPEC, edit, paid, rest
from tests.simulator.test_webhook_delivery import advance, subscribed


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as running:
        yield running


async def test_payloads_are_what_rest_says_of_the_record(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    topics = ("ORDERS_UPDATED", "REFUNDS_CREATE", "CUSTOMERS_UPDATE", "PRODUCTS_UPDATE")
    await subscribed(harness, hook, *topics)
    order, product = paid(harness), harness.shop.product(2)
    await edit(
        harness,
        {"op": "refund", "id": order.id, "all_lines": True},
        {"op": "touch", "resource": "product", "id": product.id},
    )
    said = {request.topic: request.json for request in await hook.until(4)}
    shown = (await rest(harness, f"orders/{order.id}.json")).json()["order"]
    assert said["refunds/create"] == shown["refunds"][-1]
    del shown["customer"]["tags"]
    assert said["orders/updated"] == shown
    owner = harness.shop.customer(order.customer_index or 0)
    customer = (await rest(harness, f"customers/{owner.id}.json")).json()["customer"]
    lacking = {
        "tags", "orders_count", "total_spent", "last_order_id", "email_marketing_consent",
        "sms_marketing_consent",
    }  # fmt: skip
    assert customer.items() >= said["customers/update"].items()
    assert set(customer) - set(said["customers/update"]) == lacking
    body = (await rest(harness, f"products/{product.id}.json")).json()["product"]
    said_product = said["products/update"]
    assert [v["id"] for v in said_product["variants"]] == [v["id"] for v in body["variants"]]
    assert body["variants"][0].items() >= said_product["variants"][0].items()
    assert "grams" not in said_product["variants"][0]
    assert [v["admin_graphql_api_id"] for v in said_product["variant_gids"]] == [
        f"gid://shopify/ProductVariant/{v.id}" for v in product.variants
    ]


async def test_deletions_and_merges_say_no_more_than_ids(
    simulate: MakeHarness, hook: Receiver
) -> None:
    scopes = "read_orders,read_products,read_customers,read_customer_merge"
    harness = simulate(f"{SPEC}:scopes={scopes}")
    topics = ("ORDERS_DELETE", "PRODUCTS_DELETE", "CUSTOMERS_DELETE", "CUSTOMERS_MERGE")
    await subscribed(harness, hook, *topics)
    order, product = paid(harness), harness.shop.product(2)
    keep, remove = harness.shop.customer(3), harness.shop.customer(4)
    await edit(
        harness,
        {"op": "delete", "resource": "order", "id": order.id},
        {"op": "delete", "resource": "product", "id": product.id},
        {"op": "merge", "keep_id": keep.id, "remove_id": remove.id},
    )
    said = {request.topic: request.json for request in await hook.until(4)}
    assert said == {
        "orders/delete": {"id": order.id},
        "products/delete": {"id": product.id},
        "customers/delete": {
            "id": remove.id,
            "tax_exemptions": [],
            "admin_graphql_api_id": f"gid://shopify/Customer/{remove.id}",
        },
        "customers/merge": {
            "admin_graphql_api_customer_kept_id": f"gid://shopify/Customer/{keep.id}",
            "admin_graphql_api_customer_deleted_id": f"gid://shopify/Customer/{remove.id}",
            "admin_graphql_api_job_id": None,
            "status": "completed",
            "errors": [],
        },
    }


async def test_products_with_many_variants_name_all_and_show_the_last_hundred(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    await subscribed(harness, hook, "PRODUCTS_UPDATE")
    product = harness.shop.product(2)
    change = {"op": "add_variants", "product_id": product.id, "count": 120}
    await edit(harness, change)
    (request,) = await hook.until(1)
    count = len(product.variants) + 120
    assert len(request.json["variant_gids"]) == count
    assert len(request.json["variants"]) == 100
    moments = {variant["updated_at"] for variant in request.json["variants"]}
    assert moments == {"2026-11-24T07:00:00-05:00"}


async def test_the_end_of_a_bulk_operation_is_told_in_lower_case(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC)
    await subscribed(harness, hook, "BULK_OPERATIONS_FINISH")
    payload = await harness.submit("{ orders { edges { node { id } } } }")
    await harness.settle()
    assert hook.received == []
    await advance(harness, 60)
    (request,) = await hook.until(1)
    assert request.json == {
        "admin_graphql_api_id": payload["bulkOperation"]["id"],
        "completed_at": "2026-11-24T07:00:00-05:00",
        "created_at": "2026-11-24T07:00:00-05:00",
        "error_code": None,
        "status": "completed",
        "type": "query",
    }


async def test_a_cancelled_bulk_operation_is_told_too(
    simulate: MakeHarness, hook: Receiver
) -> None:
    harness = simulate(SPEC, bulk_seconds=100)
    await subscribed(harness, hook, "BULK_OPERATIONS_FINISH")
    payload = await harness.submit("{ orders { edges { node { id } } } }")
    await harness.data(
        "mutation ($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } } }",
        id=payload["bulkOperation"]["id"],
    )
    await harness.settle()
    await advance(harness, 200)
    (request,) = await hook.until(1)
    assert request.json["status"] == "canceled"
