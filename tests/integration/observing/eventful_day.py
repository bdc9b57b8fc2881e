"""A day on which everything happens to a gateway, for tests that look at what it left behind.

An install with a sync that quarantines and meets faults, webhooks good and bad, operations that
succeed, fail and crash, sockets, credentials of all sorts that are refused, a token that dies.
"""

import asyncio
import json
import re
from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport
from motor.motor_asyncio import AsyncIOMotorClient
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client.parser import text_string_to_metric_families

from config.settings import Settings
from gateway.cli.serve import serving_gateway
from sync_engine.model.access import ViewerScope
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import ShopStatus, SyncState
from sync_engine.model.webhook_event import WebhookEventStatus
from sync_engine.store.store import Store, open_store
from tests.integration.observing.trace_collector import TraceCollector
from tests.searched_log import SearchedLog
from tests.simulator_process import API_SECRET, Simulator
from tests.waiting import ended_run, until
from tests.webhook_request import signed

SHOP = ShopDomain("eventful.myshopify.com")
SPEC = "eventful:customers=60:products=20:orders=120:plan=unmetered"
OPERATOR_TOKEN = "operator-token-of-the-tests"
METRICS_TOKEN = "metrics-token-of-the-tests"
GUESSES = (
    "shpat_guessed",
    "echo_0192ab34cd56ef78_guessed",
    "eyJhbGciOiJIUzI1NiJ9.eyJndWVzc2VkIjoxfQ.c2ln",
    "guessed-operator",
)
STRANGER = "grace.hopper@navy.example"


@dataclass(frozen=True)
class Day:
    """What the day left behind."""

    metrics: str
    while_subscribed: str
    log: str
    spans: Sequence[Span]
    people: Collection[str]
    secrets: Collection[str]
    engagement: int

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of an event."""
        found: list[dict[str, Any]] = [json.loads(line) for line in self.log.splitlines()]
        return [line for line in found if line["event"] == event]

    def value(self, metric: str, **labels: str) -> float:
        """Return the sum of a metric's samples with these labels."""
        return value(self.metrics, metric, **labels)


def value(exposition: str, metric: str, **labels: str) -> float:
    """Return the sum of a metric's samples with these labels."""
    samples = [
        sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
        if sample.name == metric and labels.items() <= sample.labels.items()
    ]
    assert samples, metric
    return sum(samples)


async def live(
    settings: Settings,
    key: str,
    *,
    shopify: Simulator,
    log: SearchedLog,
    collector: TraceCollector,
) -> Day:
    """Let the day pass."""
    begins = log.position()
    assert settings.mongodb.uri is not None
    uri, database = settings.mongodb.uri.get_secret_value(), settings.mongodb.database
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving_gateway(settings))
        store = await stack.enter_async_context(open_store(uri, database, [key]))
        http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=settings.public_url, timeout=30, follow_redirects=True)
        )
        await _install(http, store, shopify)
        _, token = await store.api_tokens.create(SHOP, tuple(ViewerScope), now=datetime.now(UTC))
        await _webhooks(http, store, shopify, settings)
        await _operations(http, token)
        while_subscribed = await _socket(settings, token, http)
        await _crash(uri, database, http, token)
        secrets = {token, *_tokens_of(shopify), key}
        await _lose_the_token(http, store, shopify)
        metrics = await _metrics(http)
    async with open_store(uri, database, [key]) as store:
        today = datetime.now(UTC).date()
        engagement = (await store.engagement.of_shop(SHOP, since=today)).operations
    return Day(
        metrics=metrics,
        while_subscribed=while_subscribed,
        log=log.since(begins),
        spans=collector.spans(),
        people=_people(shopify),
        secrets=secrets,
        engagement=engagement,
    )


async def _install(http: httpx.AsyncClient, store: Store, shopify: Simulator) -> None:
    for kind, action in (
        ("graphql", {"type": "status", "status": 503}),
        ("bulk_poll", {"type": "throttle"}),
        ("download", {"type": "malform_line", "line": 3}),
    ):
        shopify.control("POST", "/faults", shop=SHOP, kind=kind, times=1, action=action)
    forged = {"code": "the-code", "hmac": "the-hmac", "state": "the-state", "shop": SHOP}
    assert (await http.get("/auth/shopify/callback", params=forged)).status_code == 403
    assert (await http.get(f"/auth/shopify?shop={SHOP}")).status_code == 200
    assert (await ended_run(store, SHOP)).state is SyncState.PARTIAL


async def _webhooks(
    http: httpx.AsyncClient, store: Store, shopify: Simulator, settings: Settings
) -> None:
    events = store.shop(SHOP).events

    async def is_subscribed() -> bool:
        standing = shopify.control("GET", f"/shops/{SHOP}/subscriptions")
        ours = [each for each in standing if each["uri"].startswith(settings.public_url)]
        return len(ours) >= 15

    await until(is_subscribed)
    for topic in ("customers/update", "orders/updated"):
        shopify.control("POST", f"/shops/{SHOP}/webhooks/burst", topic=topic, count=20)
    mail = json.dumps({"id": "no number", "email": STRANGER}).encode()
    numbers = iter(range(10))
    for body, headers in (
        (mail, {"X-Shopify-Topic": "customers/update"}),
        (b"{}", {"X-Shopify-Topic": f"orders/{STRANGER}"}),
        (mail, {"X-Shopify-Hmac-Sha256": "the-hmac"}),
        (mail, {"X-Shopify-Shop-Domain": STRANGER}),
    ):
        given = {"X-Shopify-Webhook-Id": f"00000000-{next(numbers)}", **headers}
        sent = signed(body, API_SECRET, shop=SHOP, **given)
        await http.post("/webhooks/shopify", content=body, headers=sent)

    async def is_settled() -> bool:
        waiting = await events.count(status=WebhookEventStatus.RECEIVED)
        came = [await events.count(topic=topic) for topic in ("customers/update", "orders/updated")]
        return came == [21, 20] and waiting == 0

    await until(is_settled)


async def _operations(http: httpx.AsyncClient, token: str) -> None:
    async def ask(query: str, credential: str | None, **variables: Any) -> httpx.Response:
        headers = {} if credential is None else _bearer(credential)
        body = {"query": query, "variables": variables}
        return await http.post("/graphql", json=body, headers=headers)

    people = "query People { shop { customers(first: 50) { nodes { email phone displayName } } } }"
    assert "errors" not in (await ask(people, token)).json()
    by_mail = """query ByMail($mail: String!) {
        shop { customers(filter: {email: $mail}) { totalCount } } }"""
    assert "errors" not in (await ask(by_mail, token, mail=STRANGER)).json()
    for refused in (
        f'{{ shop {{ customers(after: "{STRANGER}") {{ nodes {{ id }} }} }} }}',
        f'query Nonsense {{ nothing(email: "{STRANGER}") }}',
        f"{{ {STRANGER}",
    ):
        assert (await ask(refused, token)).json()["errors"]
    for guess in (None, METRICS_TOKEN, *GUESSES):
        assert (await ask(people, guess)).status_code == 401
    assert (await http.get(f"/{STRANGER}")).status_code == 404
    assert (await http.get("/metrics", headers=_bearer("guessed-operator"))).status_code == 401


async def _socket(settings: Settings, token: str, http: httpx.AsyncClient) -> str:
    """Subscribe, and return the metrics of that moment."""

    def client(credential: str) -> Client:
        return Client(
            transport=WebsocketsTransport(
                url=f"ws://127.0.0.1:{settings.port}/graphql",
                init_payload=_bearer(credential),
                subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
            )
        )

    async with client(token) as session:
        document = gql("subscription Watch { syncProgress { run { state } } }")
        async with asyncio.timeout(30), aclosing(session.subscribe(document)) as states:
            async for _ in states:
                return await _metrics(http)
    raise AssertionError


async def _crash(uri: str, database: str, http: httpx.AsyncClient, token: str) -> None:
    """Let a resolver meet a document that nothing of ours can have written."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
    customers = client[database]["customers"]
    await customers.update_many({}, {"$set": {"tags": {STRANGER: STRANGER}}})
    client.close()
    query = "query Crash { shop { customers(first: 5) { nodes { tags email } } } }"
    answer = await http.post("/graphql", json={"query": query}, headers=_bearer(token))
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


async def _lose_the_token(http: httpx.AsyncClient, store: Store, shopify: Simulator) -> None:
    shopify.control("POST", f"/shops/{SHOP}/tokens/revoke")
    start = """mutation Start($shop: ShopDomain) {
        startSync(input: {shop: $shop, mode: INCREMENTAL}) { userErrors { message } } }"""
    body = {"query": start, "variables": {"shop": SHOP}}
    await http.post("/graphql", json=body, headers=_bearer(OPERATOR_TOKEN))

    async def is_refused() -> bool:
        shop = await store.shops.get(SHOP)
        return shop is not None and shop.status is ShopStatus.REAUTHORIZATION_REQUIRED

    await until(is_refused)
    assert (await ended_run(store, SHOP)).state is SyncState.FAILED

    async def is_told() -> bool:  # the feed may be quicker than the worker is to tell of it
        return 'state="FAILED"' in await _metrics(http)

    await until(is_told)


async def _metrics(http: httpx.AsyncClient) -> str:
    answer = await http.get("/metrics", headers=_bearer(METRICS_TOKEN))
    assert answer.status_code == 200
    return answer.text


def _tokens_of(shopify: Simulator) -> set[str]:
    listed = json.dumps(shopify.control("GET", f"/shops/{SHOP}/tokens"))
    found = set(re.findall(r"shp[a-z]+_\w+", listed))
    assert found
    return found


def _people(shopify: Simulator) -> set[str]:
    shop = shopify.truth(SHOP)
    found: set[str | None] = {STRANGER}
    for customer in shop.customers():
        found |= {customer.email, customer.phone, customer.first_name, customer.last_name}
        found |= {address.phone for address in customer.addresses}
        found |= {address.address1 for address in customer.addresses}
    for order in shop.orders():
        found |= {order.email, order.phone}
    return {each for each in found if each}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
