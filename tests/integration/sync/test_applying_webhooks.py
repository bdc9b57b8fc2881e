"""Applying stored webhooks: what needs no Shopify is not held up, and nothing is given up early."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from sync_engine.engine import Engine
from sync_engine.inbox.apply_events import EventApplier
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import ShopStatus
from sync_engine.model.webhook_event import EventOutcome, WebhookEvent, WebhookEventStatus
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.shop_calls import TokenSource
from sync_engine.shopify.throttle.priority import Priority
from tests.examples import MONDAY, event
from tests.integration.sync.conftest import AuditEntries, MakeSettings, connect, opened
from tests.simulator_process import Simulator, simulator

SPEC = "inbox:seed=5:customers=20:products=10:orders=30:plan=unmetered"
SHOP = ShopDomain("inbox.myshopify.com")
RECEIVED, PROCESSED, SUPERSEDED, FAILED = WebhookEventStatus


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator with one shop."""
    with simulator(SPEC, cache=simulator_cache) as running:
        yield running


@pytest.fixture
def shopify(running_shopify: Simulator) -> Simulator:
    """Return the simulator as if it had just been started."""
    running_shopify.control("POST", "/reset")
    return running_shopify


@dataclass
class Desk:
    """Where webhooks are put down and applied when the test says so."""

    engine: Engine
    shopify: Simulator
    shop: Shop

    def __post_init__(self) -> None:
        self._numbers = itertools.count()

    async def put(self, topic: str, payload: Any, **changes: Any) -> str:
        """Put a webhook down and return its id."""
        number = next(self._numbers)
        fields = {"topic": topic, "body": json.dumps(payload).encode(), "shop": SHOP} | changes
        put = event(number, **fields)
        await self.engine.receive_webhook(put)
        return put.id

    async def apply(self, client: ShopifyClient | None = None, patience_seconds: float = 30) -> int:
        """Apply what is due."""
        applier = EventApplier(
            self.engine.store, self.engine.clock, patience_seconds=patience_seconds
        )
        usual = self.engine.clients.of(SHOP, Priority.WEBHOOK)
        async with self.engine.store.changes(SHOP) as changes:
            return await applier.apply_due(self.shop, client or usual, changes)

    async def found(self) -> dict[str, WebhookEvent]:
        """Return the events by their ids."""
        page = await self.engine.store.shop(SHOP).events.page(first=100)
        return {item.node.id: item.node for item in page.items}

    async def statuses(self) -> dict[str, WebhookEventStatus]:
        return {name: each.status for name, each in (await self.found()).items()}

    def payload(self, resource: str, number: int) -> Any:
        """Return what Shopify shows of a record over REST, and sends in webhooks."""
        url = f"{self.shopify.url}/{SHOP}/admin/api/2026-10/{resource}s/{number}.json"
        answer = httpx.get(url, headers={"X-Shopify-Access-Token": "shpat_inbox"})
        return answer.json()[resource]

    def client(self, tokens: TokenSource) -> ShopifyClient:
        return self.engine.shopify.client(SHOP, tokens, Meter(), priority=Priority.WEBHOOK)


class NoAnswer:
    """A source of tokens that keeps everybody waiting, as a Shopify that hangs does."""

    async def current(self) -> str:
        await asyncio.Event().wait()
        return ""

    async def renewed(self, rejected: str) -> str:
        return rejected


class Crash(NoAnswer):
    """A source of tokens with a bug."""

    async def current(self) -> str:
        raise ZeroDivisionError


@pytest_asyncio.fixture
async def desk(shopify: Simulator, make_settings: MakeSettings) -> AsyncIterator[Desk]:
    """Yield the desk of a connected shop of which nothing is stored yet."""
    async with opened(make_settings(shopify)) as engine:
        await connect(engine, SHOP)
        shop = await engine.store.shops.get(SHOP)
        assert shop is not None
        yield Desk(engine, shopify, shop)


async def test_what_is_whole_is_written_while_shopify_does_not_answer(desk: Desk) -> None:
    truth, store = desk.shopify.truth(SHOP), desk.engine.store.shop(SHOP)
    product, order, doomed = truth.product(1).id, truth.order(1).id, truth.order(2).id
    whole = await desk.put("products/update", desk.payload("product", product))
    gone = await desk.put("orders/delete", {"id": doomed})
    earlier = await desk.put("orders/updated", desk.payload("order", order))
    named = await desk.put("refunds/create", {"id": 1, "order_id": order})

    await desk.apply(desk.client(NoAnswer()), patience_seconds=0.1)
    assert await store.products.get(product) is not None
    found = await desk.found()
    assert {name: each.status for name, each in found.items()} == {
        whole: PROCESSED,
        gone: PROCESSED,
        earlier: RECEIVED,
        named: RECEIVED,
    }
    for name in (earlier, named):
        assert found[name].attempts == 1
        assert found[name].note == "Shopify could not be asked within 0.1 seconds"
    assert await store.events.due(limit=10) == []  # they are put off

    await store.events.settle([EventOutcome(event_id=each, status=RECEIVED) for each in found])
    await desk.apply()
    assert await store.orders.get(order) is not None
    assert await store.orders.get(doomed) is None
    assert (await desk.statuses())[named] is PROCESSED
    assert (await desk.statuses())[earlier] is SUPERSEDED


async def test_an_event_is_given_up_after_many_attempts_and_says_why(desk: Desk) -> None:
    name = await desk.put("refunds/create", {"id": 1, "order_id": 5})
    events = desk.engine.store.shop(SHOP).events
    attempts = 0
    while (await desk.statuses())[name] is RECEIVED:
        await desk.apply(desk.client(NoAnswer()), patience_seconds=0.01)
        attempts += 1
        if (await desk.statuses())[name] is RECEIVED:  # let its time come
            await events.settle([EventOutcome(event_id=name, status=RECEIVED)])
    (found,) = (await desk.found()).values()
    assert found.status is FAILED
    assert found.note == "Shopify could not be asked within 0.01 seconds"
    assert attempts > 5
    assert await desk.apply() == 0


async def test_an_event_that_stops_our_own_code_fails_alone(desk: Desk) -> None:
    product = desk.shopify.truth(SHOP).product(1).id
    bad = await desk.put("refunds/create", {"id": 1, "order_id": 5})
    good = await desk.put("products/update", desk.payload("product", product))
    assert await desk.apply(desk.client(Crash())) == 2
    assert await desk.statuses() == {bad: FAILED, good: PROCESSED}
    assert await desk.engine.store.shop(SHOP).products.get(product) is not None
    assert await desk.apply() == 0


@pytest.mark.parametrize("number", [2**63, 2**80, 0, -1, 1.5, "1", None])
async def test_an_impossible_number_fails_its_event_alone(desk: Desk, number: object) -> None:
    bad = [
        await desk.put("orders/delete", {"id": number}),
        await desk.put("refunds/create", {"id": 1, "order_id": number}),
    ]
    good = await desk.put("orders/delete", {"id": 2**63 - 1})
    await desk.apply()
    assert await desk.statuses() == {good: PROCESSED} | dict.fromkeys(bad, FAILED)


async def test_what_people_ask_for_is_noted_by_numbers_and_once(
    desk: Desk, audit_entries: AuditEntries
) -> None:
    person = {"id": 7, "email": "ada@example.com", "phone": "+49"}
    asked = {
        "customers/data_request": {
            "shop_id": 1,
            "customer": person,
            "orders_requested": [11, 12],
            "data_request": {"id": 99},
        },
        "customers/redact": {"shop_id": 1, "customer": person, "orders_to_redact": [13]},
    }
    names = [await desk.put(topic, payload) for topic, payload in asked.items()]
    await desk.apply()
    again = [EventOutcome(event_id=each, status=RECEIVED) for each in names]
    await desk.engine.store.shop(SHOP).events.settle(again)
    await desk.apply()
    assert await desk.statuses() == dict.fromkeys(names, PROCESSED)
    entries = await audit_entries(SHOP)
    assert [(each["what"], each["details"]) for each in entries] == [
        (
            "customers/data_request",
            {"customer_id": 7, "order_ids": [11, 12], "request_id": 99},
        ),
        ("customers/redact", {"customer_id": 7, "order_ids": [13], "request_id": None}),
    ]


async def test_requests_about_a_shop_that_is_not_connected_are_noted_too(
    desk: Desk, audit_entries: AuditEntries
) -> None:
    stranger = ShopDomain("stranger.myshopify.com")
    redact = await desk.put("customers/redact", {"customer": {"id": 7}}, shop=stranger)
    other = await desk.put("orders/delete", {"id": 7}, shop=stranger)
    await EventApplier(desk.engine.store, desk.engine.clock).refuse_due(stranger)
    page = await desk.engine.store.shop(stranger).events.page(first=10)
    found = {item.node.id: item.node.status for item in page.items}
    assert found == {redact: PROCESSED, other: FAILED}
    assert [each["what"] for each in await audit_entries(stranger)] == ["customers/redact"]


async def test_a_shop_that_is_to_be_forgotten_is_and_nothing_comes_back(
    desk: Desk, audit_entries: AuditEntries
) -> None:
    product = desk.shopify.truth(SHOP).product(1).id
    after = {"triggered_at": desk.engine.clock.now() + timedelta(hours=48)}
    await desk.put("products/update", desk.payload("product", product), **after)
    await desk.put("shop/redact", {"shop_id": 1}, **after)
    await desk.apply()
    assert await desk.engine.store.shops.get(SHOP) is None
    assert await desk.engine.store.shop(SHOP).products.count() == 0
    assert [each["what"] for each in await audit_entries(SHOP)] == ["shop/redact"]


@pytest.mark.parametrize("topic", ["app/uninstalled", "shop/redact"])
async def test_an_end_from_before_the_last_install_is_none(desk: Desk, topic: str) -> None:
    name = await desk.put(topic, {"id": 1}, triggered_at=MONDAY)
    await desk.apply()
    shop = await desk.engine.store.shops.get(SHOP)
    assert shop is not None
    assert shop.status is ShopStatus.ACTIVE
    (found,) = (await desk.found()).values()
    assert (found.id, found.note) == (name, "the app was installed again since")


async def test_what_the_shop_says_of_itself_is_read_anew(desk: Desk) -> None:
    desk.shopify.control("POST", f"/shops/{SHOP}/profile", name="Renamed")
    await desk.put("shop/update", {"id": 1, "name": "Somebody else's word"})
    await desk.apply()
    shop = await desk.engine.store.shops.get(SHOP)
    assert shop is not None
    assert shop.profile.name == "Renamed"


async def test_topics_that_nobody_knows_are_kept_with_a_note(desk: Desk) -> None:
    await desk.put("themes/publish", {"id": 1})
    await desk.apply()
    (found,) = (await desk.found()).values()
    assert (found.status, found.note) == (PROCESSED, "nothing is done for themes/publish")
