"""Shops in trouble, renamed shops, and apps that may not see customers' data."""

from typing import Any

import pytest

from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness
from tests.simulator.receiver import receiver
from tests.simulator.test_edits import SPEC, edit, paid, rest
from tests.simulator.test_webhook_delivery import drain, subscribed
from tests.simulator.test_webhook_subscriptions import create

CUSTOMERS = """{ customers(first: 1) { nodes { id firstName numberOfOrders
    defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } } } }"""


async def condition(harness: Harness, **change: Any) -> None:
    await harness.control("POST", "shops/demo", change)


@pytest.mark.parametrize(
    ("standing", "status"),
    [("frozen", 402), ("locked", 423), ("closed", 404), ("fraudulent", 403), ("rejected", 430)],
)
async def test_standings_refuse_both_apis_and_pass(
    simulate: MakeHarness, standing: str, status: int
) -> None:
    harness = simulate()
    await condition(harness, standing=standing)
    assert (await harness.post_graphql("{ shop { id } }")).status_code == status
    assert (await rest(harness, "shop.json")).status_code == status
    await condition(harness, standing="open")
    assert (await rest(harness, "shop.json")).status_code == 200


async def test_a_renamed_shop_redirects(simulate: MakeHarness) -> None:
    harness = simulate()
    await condition(harness, redirect_to="new-name.myshopify.com")
    response = await harness.post_graphql("{ shop { id } }")
    path = "new-name.myshopify.com/admin/api/2026-10/graphql.json"
    assert response.status_code == 301
    assert response.headers["location"] == f"http://simulator/{path}"
    await condition(harness, redirect_to=None)
    assert (await harness.post_graphql("{ shop { id } }")).status_code == 200


async def test_a_shop_may_answer_under_another_domain(simulate: MakeHarness) -> None:
    harness = simulate()
    await condition(harness, answers_as="other.myshopify.com")
    data = await harness.data("{ shop { myshopifyDomain } }")
    assert data["shop"]["myshopifyDomain"] == "other.myshopify.com"
    assert (await rest(harness, "shop.json")).json()["shop"]["myshopify_domain"] == (
        "other.myshopify.com"
    )
    await condition(harness, answers_as=None)
    data = await harness.data("{ shop { myshopifyDomain } }")
    assert data["shop"]["myshopifyDomain"] == harness.domain


async def test_unapproved_fields_are_null_with_an_error_without_a_code(
    simulate: MakeHarness,
) -> None:
    harness = simulate(SPEC)
    await condition(harness, approval={"fields": ["name"]})
    body = await harness.graphql(CUSTOMERS)
    (node,) = body["data"]["customers"]["nodes"]
    assert node["firstName"]
    assert (node["defaultEmailAddress"], node["defaultPhoneNumber"]) == (None, None)
    assert [(e["path"][-1], "extensions" in e) for e in body["errors"]] == [
        ("defaultEmailAddress", False),
        ("defaultPhoneNumber", False),
    ]


async def test_an_unapproved_app_sees_no_customer_and_no_order(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    await condition(harness, approval={"has_customers": False, "fields": []})
    body = await harness.graphql(CUSTOMERS)
    assert body["data"] is None
    assert "not approved to access the Customer object" in body["errors"][0]["message"]
    assert "extensions" not in body["errors"][0]
    assert (await harness.data("{ products(first: 1) { nodes { id } } }"))["products"]["nodes"]
    refused = await create(harness, "ORDERS_UPDATED")
    assert "protected customer data" in refused["userErrors"][0]["message"]
    operation = await harness.run_bulk("{ orders { edges { node { id } } } }")
    assert (operation["status"], operation["errorCode"]) == ("FAILED", "ACCESS_DENIED")


async def test_webhooks_come_without_the_unapproved_fields(simulate: MakeHarness) -> None:
    harness = simulate(SPEC)
    async with receiver() as hook:
        await subscribed(harness, hook, "ORDERS_UPDATED", "CUSTOMERS_UPDATE")
        await condition(harness, approval={"fields": ["phone"]})
        await edit(harness, {"op": "touch", "resource": "order", "id": paid(harness).id})
        await drain(harness)
        said = {request.topic: request.json for request in hook.received}
    hidden = {"email", "contact_email", "first_name", "addresses", "default_address",
              "billing_address", "shipping_address"}  # fmt: skip
    assert not hidden & set(said["orders/updated"])
    assert not hidden & set(said["orders/updated"]["customer"])
    assert not hidden & set(said["customers/update"])
    assert "phone" in said["customers/update"]


async def test_approval_is_for_known_fields_only(simulate: MakeHarness) -> None:
    response = await simulate().client.post(
        "/_control/shops/demo", json={"approval": {"fields": ["shoe_size"]}}
    )
    assert response.status_code == 400
