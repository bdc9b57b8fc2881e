"""A shop told by webhooks alone ends up with the same documents as one that was exported."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from config.settings import Settings, load_settings
from gateway.cli.serve import serving_gateway
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource
from sync_engine.model.webhook_event import WebhookEventStatus
from sync_engine.store.store import Store, open_store
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller
from tests.simulator_process import API_KEY, API_SECRET, Simulator, simulator
from tests.unused_port import unused_port
from tests.waiting import ended_run, until

CONNECT = """mutation($token: String!, $domain: ShopDomain!, $sync: Boolean!) {
    connectShop(input: {domain: $domain, accessToken: $token, startSync: $sync}) {
        userErrors { message } } }"""
TOPICS = {
    Resource.CUSTOMERS: "customers/update",
    Resource.PRODUCTS: "products/update",
    Resource.ORDERS: "orders/updated",
}
SHOPS = {
    "told-in-dollars": "currency=USD:timezone=America/New_York:seed=21",
    "told-in-yen": "currency=JPY:timezone=Asia/Tokyo:seed=22",
    "told-in-dinars": "currency=KWD:timezone=Asia/Kathmandu:seed=23:taxes_included=true",
}


@pytest.fixture(scope="module")
def shopify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Yield a simulator with a shop of each currency; ids are beyond what a double can hold."""
    specs = [
        f"{name}:{spec}:customers=60:products=40:orders=150:token=shpat_{name}:plan=unmetered"
        for name, spec in SHOPS.items()
    ]
    cache = tmp_path_factory.mktemp("exports")
    with simulator(*specs, cache=cache, arguments=("--bulk-seconds", "0")) as running:
        yield running


class Copy:
    """A gateway with a database of its own, and what it has of a shop."""

    def __init__(self, settings: Settings, caller: Caller, store: Store) -> None:
        self.settings = settings
        self.caller = caller
        self.store = store

    async def documents(self, shop: ShopDomain) -> dict[str, dict[int, Any]]:
        """Return everything that is stored of the shop's records, but when it was seen."""
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
            self.settings.mongodb.uri.get_secret_value() if self.settings.mongodb.uri else ""
        )
        database = client[self.settings.mongodb.database]
        try:
            return {
                str(resource): {
                    document.pop("_id")["id"]: document
                    async for document in database[resource.lower()].find(
                        {"shop_id": shop}, {"observed_at": 0}
                    )
                }
                for resource in Resource
            }
        finally:
            client.close()


@pytest.fixture
async def copies(
    shopify: Simulator, mongodb_uri: str, database_name: str, encryption_key: str, tmp_path: Path
) -> AsyncIterator[dict[str, Copy]]:
    """Yield a copy to be exported into and one to be told."""
    found: dict[str, Copy] = {}
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_uri)
    async with AsyncExitStack() as stack:
        stack.callback(client.close)
        for name in ("exported", "told"):
            port = unused_port()
            database = f"{database_name}_{name}"
            stack.push_async_callback(client.drop_database, database)
            settings = load_settings(
                port=port,
                public_url=f"http://127.0.0.1:{port}",
                data_dir=tmp_path / name,
                mongodb={"uri": mongodb_uri, "database": database},
                encryption_keys=encryption_key,
                operator_token=OPERATOR_TOKEN,
                sync={"few_records": 0},
                shopify={
                    "base_url": shopify.base_url,
                    "api_key": API_KEY,
                    "api_secret": API_SECRET,
                },
            )
            await stack.enter_async_context(serving_gateway(settings))
            http = await stack.enter_async_context(
                httpx.AsyncClient(base_url=settings.public_url, timeout=60)
            )
            store = await stack.enter_async_context(
                open_store(mongodb_uri, database, [encryption_key])
            )
            found[name] = Copy(settings, Caller(http, OPERATOR_TOKEN), store)
        yield found


async def subscribed(shopify: Simulator, shop: ShopDomain, public_url: str) -> None:
    """Wait until the shop's webhooks go to the gateway there."""
    address = f"{public_url}/webhooks/shopify"

    async def is_subscribed() -> bool:
        standing = shopify.control("GET", f"/shops/{shop}/subscriptions")
        return sum(bool(each["uri"] == address) for each in standing) >= 15

    await until(is_subscribed)


@pytest.mark.parametrize("name", SHOPS)
async def test_a_shop_told_by_webhooks_is_the_same_as_one_exported(
    shopify: Simulator, copies: dict[str, Copy], name: str
) -> None:
    shop = ShopDomain(f"{name}.myshopify.com")
    exported, told = copies["exported"], copies["told"]
    for copy, sync in ((exported, True), (told, False)):  # the second takes the webhooks over
        answer = await copy.caller.data(CONNECT, domain=shop, token=f"shpat_{name}", sync=sync)
        assert answer["connectShop"]["userErrors"] == []
        await subscribed(shopify, shop, copy.settings.public_url)
    await ended_run(exported.store, shop)
    wanted = await exported.documents(shop)
    for resource, topic in TOPICS.items():
        count = len(wanted[str(resource)])
        shopify.control("POST", f"/shops/{shop}/webhooks/burst", topic=topic, count=count)
    events = told.store.shop(shop).events
    total = sum(len(records) for records in wanted.values())

    async def is_all_applied() -> bool:
        return (
            await events.count() >= total
            and await events.count(status=WebhookEventStatus.RECEIVED) == 0
        )

    await until(is_all_applied)
    have = await told.documents(shop)
    for kind, records in wanted.items():
        assert records
        assert have[kind].keys() == records.keys(), kind
        for number, record in records.items():
            assert have[kind][number] == record, (kind, number)
