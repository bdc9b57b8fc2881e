"""Requests about people's data, from Shopify's door to the end."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings, load_settings
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.store import Store
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller
from tests.raw_database import holding, raw_documents
from tests.simulator_process import API_KEY, API_SECRET, Simulator, simulator
from tests.unused_port import unused_port
from tests.waiting import ended_run, until

SHOP = ShopDomain("asked.myshopify.com")
COMPLIANCE = ["customers/data_request", "customers/redact", "shop/redact"]
TWO_DAYS_SECONDS = 48 * 3600
SHOWN = """query($customer: ID!, $order: ID!) { shop(domain: "asked.myshopify.com") {
    customer(id: $customer) { email }
    order(id: $order) { totalPrice { amount } customer { id } } } }"""


@pytest.fixture
def shopify(tmp_path: Path) -> Iterator[Simulator]:
    """Yield a simulator with one small shop."""
    spec = "asked:seed=3:customers=20:products=10:orders=40:plan=unmetered"
    with simulator(spec, cache=tmp_path, arguments=("--bulk-seconds", "0")) as running:
        yield running


@pytest.fixture
def settings(
    mongodb_uri: str, database_name: str, encryption_key: str, tmp_path: Path, shopify: Simulator
) -> Settings:
    """Return the settings of a gateway, to which Shopify sends what its own configuration says."""
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    topics = {"topics": ["app/uninstalled"], "compliance_topics": COMPLIANCE}
    subscriptions = [topics | {"uri": "/webhooks/shopify"}]
    config = {"application_url": url, "webhooks": {"subscriptions": subscriptions}}
    shopify.control("POST", "/app", config=config)
    return load_settings(
        port=port,
        public_url=url,
        data_dir=tmp_path,
        mongodb={"uri": mongodb_uri, "database": database_name},
        encryption_keys=encryption_key,
        operator_token=OPERATOR_TOKEN,
        shopify={"base_url": shopify.base_url, "api_key": API_KEY, "api_secret": API_SECRET},
    )


async def test_a_person_is_handed_over_and_erased_and_in_the_end_the_shop_is_forgotten(
    operator: Caller, shopify: Simulator, store: Store, mongodb_uri: str, database_name: str
) -> None:
    operator.http.follow_redirects = True
    assert (await operator.http.get(f"/auth/shopify?shop={SHOP}")).status_code == 200
    await ended_run(store, SHOP)
    truth = shopify.truth(SHOP)
    order = next(each for each in truth.orders() if each.customer_index is not None)
    person = truth.customer(order.customer_index or 0)
    assert person.email is not None
    ids = {
        "customer": f"gid://shopify/Customer/{person.id}",
        "order": f"gid://shopify/Order/{order.id}",
    }

    async def shown() -> Any:
        return (await operator.data(SHOWN, **ids))["shop"]

    async def done(what: str) -> None:
        async def is_noted() -> bool:
            page = await store.shop(SHOP).audit.page(first=50)
            return what in {item.node.what for item in page.items}

        await until(is_noted)

    before = await shown()
    assert before["customer"] == {"email": person.email}
    shopify.control(
        "POST", f"/shops/{SHOP}/webhooks/fire", topic="customers/data_request", id=person.id
    )
    await done("person.exported")
    (export,) = await store.data_exports.list(SHOP)
    read = await store.data_exports.read(export.id)
    assert read is not None
    assert json.loads(read[1])["customer"]["email"] == person.email

    shopify.control("POST", f"/shops/{SHOP}/webhooks/fire", topic="customers/redact", id=person.id)
    await done("person.erased")
    after = await shown()
    assert after["customer"] is None
    assert after["order"] == before["order"] | {"customer": None}
    documents = await raw_documents(mongodb_uri, database_name)

    async def is_emptied() -> bool:
        found = holding(await raw_documents(mongodb_uri, database_name), [person.email or ""])
        return found == {}

    assert documents["webhook_events"]
    await until(is_emptied)  # the request itself goes as soon as it is settled

    shopify.control("POST", f"/shops/{SHOP}/uninstall")
    await done("app/uninstalled")
    shopify.control("POST", "/clock", advance_seconds=TWO_DAYS_SECONDS + 1)
    await done("shop.purged")

    async def is_forgotten() -> bool:
        found = holding(await raw_documents(mongodb_uri, database_name), [SHOP])
        return set(found) == {"audit"}

    await until(is_forgotten)
