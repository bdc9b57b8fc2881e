"""Subscriptions to webhooks mend themselves, and leave alone what is not theirs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync_engine.installation.webhook_address import webhook_address
from sync_engine.model.errors import TokenRevokedError
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.connection import Shopify
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.subscriptions import ensure_subscriptions
from sync_engine.shopify.throttle.priority import Priority
from tests.simulator_process import Simulator, simulator
from tests.static_token import StaticToken

SHOP = ShopDomain("heard.myshopify.com")
POOR_SHOP = ShopDomain("needy.myshopify.com")
ADDRESS = "https://app.example.com/webhooks/shopify"
MERGES = "You cannot create a webhook subscription with the specified topic"
CREATE = """mutation($topic: WebhookSubscriptionTopic!, $uri: String!) {
    webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri}) {
        userErrors { message } } }"""


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator with a shop that allows all, and one that does not."""
    everything = "read_customers,read_products,read_orders,read_customer_merge"
    sizes = "orders=1:customers=1:products=1:plan=unmetered"
    specs = (f"heard:{sizes}:scopes={everything}", f"needy:{sizes}:scopes=read_products")
    with simulator(*specs, cache=simulator_cache) as running:
        yield running


@pytest.fixture
def shopify(running_shopify: Simulator) -> Simulator:
    """Return the simulator as if it had just been started."""
    running_shopify.control("POST", "/reset")
    return running_shopify


def client(connection: Shopify, shop: ShopDomain = SHOP) -> ShopifyClient:
    token = StaticToken(f"shpat_{shop.split('.')[0]}")
    return connection.client(shop, token, Meter(), priority=Priority.INCREMENTAL)


def standing(shopify: Simulator, shop: ShopDomain = SHOP) -> list[tuple[str, str]]:
    """Return topic and address of every subscription."""
    found: list[dict[str, Any]] = shopify.control("GET", f"/shops/{shop}/subscriptions")
    return sorted((each["topic"], each["uri"]) for each in found)


def subscribe(shopify: Simulator, topic: str, uri: str) -> None:
    answer = httpx.post(
        f"{shopify.url}/{SHOP}/admin/api/2026-10/graphql.json",
        json={"query": CREATE, "variables": {"topic": topic, "uri": uri}},
        headers={"X-Shopify-Access-Token": "shpat_heard"},
    )
    assert answer.json()["data"]["webhookSubscriptionCreate"]["userErrors"] == []


async def test_everything_is_subscribed_to_once(connection: Shopify, shopify: Simulator) -> None:
    check = await ensure_subscriptions(client(connection), ADDRESS)
    assert check.refused == {}
    first = standing(shopify)
    assert {uri for _, uri in first} == {ADDRESS}
    assert {"ORDERS_UPDATED", "CUSTOMERS_MERGE", "PRODUCTS_DELETE"} <= set(check.created)
    assert len(check.created) == len(first)
    again = await ensure_subscriptions(client(connection), ADDRESS)
    assert (again.created, again.deleted, standing(shopify)) == ((), (), first)


async def test_what_was_lost_comes_back_and_what_is_old_goes(
    connection: Shopify, shopify: Simulator
) -> None:
    await ensure_subscriptions(client(connection), "https://old.example.com/webhooks/shopify")
    old = standing(shopify)
    subscribe(shopify, "ORDERS_PAID", ADDRESS)  # ours once, and no longer needed
    subscribe(shopify, "ORDERS_CREATE", "https://app.example.com/somebody/else")
    subscribe(shopify, "ORDERS_CREATE", "pubsub://project:topic")
    check = await ensure_subscriptions(client(connection), ADDRESS)
    assert len(check.created) == len(old)
    assert len(check.deleted) == len(old) + 1
    assert {uri for _, uri in standing(shopify)} == {
        ADDRESS,
        "https://app.example.com/somebody/else",
        "pubsub://project:topic",
    }
    assert len(standing(shopify)) == len(old) + 2


async def test_a_topic_for_which_a_scope_is_missing_is_named_and_passed_over(
    connection: Shopify, shopify: Simulator
) -> None:
    check = await ensure_subscriptions(client(connection, POOR_SHOP), ADDRESS)
    assert check.refused["CUSTOMERS_MERGE"] == MERGES
    assert "ORDERS_CREATE" in check.refused
    assert {"PRODUCTS_UPDATE", "APP_UNINSTALLED", "SHOP_UPDATE"} <= set(check.created)
    assert len(standing(shopify, POOR_SHOP)) == len(check.created)


@pytest.mark.parametrize("code", ["ACCESS_DENIED", "undefinedField"])
async def test_a_topic_that_shopify_does_not_even_discuss_is_passed_over_too(
    connection: Shopify, shopify: Simulator, code: str
) -> None:
    denial = {"type": "graphql_error", "code": code, "message": "no", "data": None}
    shopify.control("POST", "/faults", contains="CUSTOMERS_MERGE", action=denial)
    check = await ensure_subscriptions(client(connection), ADDRESS)
    assert list(check.refused) == ["CUSTOMERS_MERGE"]
    assert len(standing(shopify)) == len(check.created)
    mended = await ensure_subscriptions(client(connection), ADDRESS)
    assert (mended.created, mended.refused) == (("CUSTOMERS_MERGE",), {})


async def test_a_token_that_is_refused_is_no_matter_of_topics(
    connection: Shopify, shopify: Simulator
) -> None:
    shopify.control("POST", f"/shops/{SHOP}/tokens/revoke")
    with pytest.raises(TokenRevokedError):
        await ensure_subscriptions(client(connection), ADDRESS)


@pytest.mark.parametrize(
    ("public_url", "shopify_url", "address"),
    [
        ("https://app.example.com", "https://{shop}", ADDRESS),
        ("https://app.example.com/", "https://{shop}", ADDRESS),
        ("http://app.example.com", "https://{shop}", None),
        ("http://127.0.0.1:8000", "https://{shop}", None),
        ("http://app.example.com", "http://127.0.0.1:9300/{shop}", None),
        (
            "http://127.0.0.1:8000",
            "http://127.0.0.1:9300/{shop}",
            "http://127.0.0.1:8000/webhooks/shopify",
        ),
        (
            "http://localhost:8000",
            "http://[::1]:9300/{shop}",
            "http://localhost:8000/webhooks/shopify",
        ),
    ],
)
def test_only_an_address_that_shopify_can_reach_is_given(
    public_url: str, shopify_url: str, address: str | None
) -> None:
    assert webhook_address(public_url, shopify_url) == address
