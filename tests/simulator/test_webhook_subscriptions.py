from typing import Any

from tests.simulator.conftest import MakeHarness
from tests.simulator.harness import Harness, ManualClock

CREATE = """mutation ($topic: WebhookSubscriptionTopic!, $given: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $given) {
    webhookSubscription { id topic uri format filter includeFields name createdAt updatedAt }
    userErrors { field message } } }"""
UPDATE = """mutation ($id: ID!, $given: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $given) {
    webhookSubscription { id uri includeFields updatedAt } userErrors { field message } } }"""
DELETE = """mutation ($id: ID!) { webhookSubscriptionDelete(id: $id) {
    deletedWebhookSubscriptionId userErrors { field message } } }"""
LIST = """query ($topics: [WebhookSubscriptionTopic!]) {
  webhookSubscriptions(first: 20, topics: $topics) { nodes { id topic } } }"""
URI = "https://app.example/webhooks"


async def create(harness: Harness, topic: str, **given: Any) -> dict[str, Any]:
    data = await harness.data(CREATE, topic=topic, given={"uri": URI, **given})
    payload = data["webhookSubscriptionCreate"]
    assert isinstance(payload, dict)
    return payload


async def test_subscriptions_are_made_listed_changed_and_deleted(
    simulate: MakeHarness, clock: ManualClock
) -> None:
    harness = simulate()
    made = await create(harness, "ORDERS_UPDATED", includeFields=["id", "updated_at"], name="o")
    subscription = made["webhookSubscription"]
    assert made["userErrors"] == []
    assert {**subscription, "id": ""} == {
        "id": "",
        "topic": "ORDERS_UPDATED",
        "uri": URI,
        "format": "JSON",
        "filter": None,
        "includeFields": ["id", "updated_at"],
        "name": "o",
        "createdAt": "2026-11-24T12:00:00Z",
        "updatedAt": "2026-11-24T12:00:00Z",
    }
    other = (await create(harness, "PRODUCTS_DELETE"))["webhookSubscription"]
    listed = (await harness.data(LIST))["webhookSubscriptions"]["nodes"]
    assert [n["topic"] for n in listed] == ["ORDERS_UPDATED", "PRODUCTS_DELETE"]
    some = (await harness.data(LIST, topics=["PRODUCTS_DELETE"]))["webhookSubscriptions"]["nodes"]
    assert [n["id"] for n in some] == [other["id"]]
    clock.advance(60)
    changed = await harness.data(
        UPDATE, id=subscription["id"], given={"uri": "pubsub://project:topic"}
    )
    assert changed["webhookSubscriptionUpdate"]["webhookSubscription"] == {
        "id": subscription["id"],
        "uri": "pubsub://project:topic",
        "includeFields": ["id", "updated_at"],
        "updatedAt": "2026-11-24T12:01:00Z",
    }
    gone = await harness.data(DELETE, id=subscription["id"])
    assert gone["webhookSubscriptionDelete"] == {
        "deletedWebhookSubscriptionId": subscription["id"],
        "userErrors": [],
    }
    data = await harness.data(
        "query ($id: ID!) { webhookSubscription(id: $id) { id } node(id: $id) { id } }",
        id=subscription["id"],
    )
    assert data == {"webhookSubscription": None, "node": None}


async def test_the_same_address_twice_for_a_topic_is_refused(simulate: MakeHarness) -> None:
    harness = simulate()
    await create(harness, "ORDERS_UPDATED")
    twin = await create(harness, "ORDERS_UPDATED")
    assert twin["webhookSubscription"] is None
    assert twin["userErrors"] == [
        {
            "field": ["webhookSubscription", "callbackUrl"],
            "message": "Address for this topic has already been taken",
        }
    ]
    assert (await create(harness, "ORDERS_CREATE"))["userErrors"] == []
    assert (await create(harness, "ORDERS_UPDATED", filter="total_price:>1"))["userErrors"] == []


async def test_addresses_must_be_reachable_by_shopify(simulate: MakeHarness) -> None:
    harness = simulate()
    for uri, message in (
        ("", "Address can't be blank"),
        ("http://app.example/hook", "Address protocol http:// is not supported"),
        ("ftp://app.example", "Address protocol ftp:// is not supported"),
        ("https://", "Address is invalid"),
        ("app.example/hook", "Address is invalid"),
        ("pubsub://project", "Address protocol pubsub:// is not supported"),
        (
            "https://demo.myshopify.com/hook",
            "Address cannot be a Shopify or an internal domain",
        ),
    ):
        payload = await create(harness, "ORDERS_UPDATED", uri=uri)
        assert payload["userErrors"][0]["message"] == message
    for uri in ("arn:aws:events:us-east-1::event-source/x", "http://127.0.0.1:8000/hook"):
        assert (await create(harness, "ORDERS_UPDATED", uri=uri))["userErrors"] == []


async def test_names_are_checked_and_unique(simulate: MakeHarness) -> None:
    harness = simulate()
    assert (await create(harness, "ORDERS_UPDATED", name="one"))["userErrors"] == []
    for name in ("", "a b", "x" * 51, "ONE"):
        payload = await create(harness, "ORDERS_CREATE", name=name)
        assert payload["userErrors"][0]["field"] == ["webhookSubscription", "name"]


async def test_deprecated_callback_url_still_works(simulate: MakeHarness) -> None:
    harness = simulate()
    data = await harness.data(CREATE, topic="SHOP_UPDATE", given={"callbackUrl": URI})
    assert data["webhookSubscriptionCreate"]["webhookSubscription"]["uri"] == URI


async def test_apps_do_not_see_each_others_subscriptions(simulate: MakeHarness) -> None:
    harness = simulate()
    id_ = (await create(harness, "ORDERS_UPDATED"))["webhookSubscription"]["id"]
    token = (await harness.control("POST", "shops/demo/tokens", {}))["access_token"]
    headers = {"X-Shopify-Access-Token": token}
    listed = (await harness.post_graphql(LIST, headers=headers)).json()["data"]
    assert listed == {"webhookSubscriptions": {"nodes": []}}
    foreign = (await harness.post_graphql(DELETE, {"id": id_}, headers=headers)).json()["data"]
    assert foreign["webhookSubscriptionDelete"]["userErrors"] == [
        {"field": ["id"], "message": "Webhook subscription does not exist"}
    ]


async def test_uninstalling_drops_subscriptions(simulate: MakeHarness) -> None:
    harness = simulate()
    await create(harness, "ORDERS_UPDATED")
    await harness.control("POST", "shops/demo/uninstall", {"app": "custom"})
    assert (await harness.post_graphql(LIST)).status_code == 401
    assert harness.simulation.shops[harness.domain].webhooks.of_app("custom") == []


async def test_compliance_topics_cannot_be_subscribed_to(simulate: MakeHarness) -> None:
    harness = simulate()
    body = await harness.graphql(CREATE, topic="CUSTOMERS_REDACT", given={"uri": URI})
    assert "errors" in body
