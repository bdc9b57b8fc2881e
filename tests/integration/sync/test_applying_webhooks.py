"""Applying stored webhooks: what needs no Shopify is not held up, and nothing is given up early."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorClient
from structlog.testing import capture_logs

from sync_engine.inbox.apply_events import EventApplier
from sync_engine.model.errors import StoreUnavailableError
from sync_engine.model.records import Order
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import ShopStatus
from sync_engine.model.webhook_event import EventOutcome, WebhookEventStatus
from tests.examples import MONDAY
from tests.integration.sync.conftest import AuditEntries, MakeSettings, connect, opened
from tests.integration.sync.desk import Desk, NoAnswer
from tests.simulator_process import Simulator, simulator

SPEC = "inbox:seed=5:customers=20:products=10:orders=30:plan=unmetered"
SHOP = ShopDomain("inbox.myshopify.com")
RECEIVED, PROCESSED, SUPERSEDED, FAILED = WebhookEventStatus


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator with one shop."""
    with simulator(SPEC, cache=simulator_cache) as running:
        yield running


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


async def test_a_version_is_as_old_as_its_event_however_late_it_was_completed(desk: Desk) -> None:
    number = desk.shopify.truth(SHOP).order(1).id
    open_words: dict[str, Any] = {
        "financial_status": "pending",
        "fulfillment_status": None,
        "refunds": [],
    }
    first = desk.payload("order", number) | open_words | {"tags": "first"}
    second = first | {"tags": "second"}
    for payload, minutes in ((first, 0), (second, 2), (first, 1), (first, 0)):
        sent = MONDAY + timedelta(minutes=minutes)
        await desk.put("orders/updated", payload, triggered_at=sent)
        await desk.apply()
    found = await desk.engine.store.shop(SHOP).orders.get(number)
    assert found is not None
    assert found.tags == ("second",)


async def test_an_event_is_not_from_a_time_after_it_came(desk: Desk) -> None:
    number = desk.shopify.truth(SHOP).order(1).id
    first = desk.payload("order", number) | {"tags": "first"}
    for payload, minutes, ahead in (
        (first, 0, timedelta(days=1)),
        (first | {"tags": "second"}, 1, timedelta()),
    ):
        came = MONDAY + timedelta(minutes=minutes)
        await desk.put("orders/updated", payload, received_at=came, triggered_at=came + ahead)
        await desk.apply()
    found = await desk.engine.store.shop(SHOP).orders.get(number)
    assert found is not None
    assert found.tags == ("second",)


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


@pytest.mark.parametrize(
    "topic", ["orders/create", "orders/delete", "customers/merge", "customers/redact", "a/b"]
)
async def test_a_payload_that_nests_without_end_is_unreadable_and_no_crash(
    desk: Desk, topic: str
) -> None:
    body = b'{"id":1,"note":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    bad = await desk.put(topic, None, body=body)
    good = await desk.put("orders/delete", {"id": 5})
    with capture_logs() as logs:
        assert await desk.apply() == 2
    found = await desk.found()
    assert {name: each.status for name, each in found.items()} == {bad: FAILED, good: PROCESSED}
    assert (found[bad].note or "").startswith(f"the payload of {topic} cannot be read: ")
    assert [each["event"] for each in logs if each["log_level"] == "error"] == []


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
    assert await desk.statuses() == dict.fromkeys(names, PROCESSED)
    entries = await audit_entries(SHOP)
    nothing = {"orders": 0, "errors": 0, "exports": 1, "webhooks": 2}
    assert [(each["what"], each["details"]) for each in entries] == [
        (
            "customers/data_request",
            {"customer_id": 7, "order_ids": [11, 12], "request_id": 99},
        ),
        ("person.exported", {"customer_id": 7, "is_empty": True}),
        ("customers/redact", {"customer_id": 7, "order_ids": [13], "request_id": None}),
        ("person.erased", {"customer_id": 7} | nothing),
    ]
    assert {each["who"] for each in entries} == {"shopify"}
    assert [each["correlation_id"] for each in entries] == [name for name in names for _ in "12"]
    await desk.put("customers/redact", asked["customers/redact"])  # as if it had been interrupted
    await desk.apply()
    assert set((await desk.statuses()).values()) == {PROCESSED}


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
    desk.shopify.control("POST", f"/shops/{SHOP}/tokens/revoke")  # and nobody has told us
    await desk.put("shop/redact", {"shop_id": 1}, **after)
    await desk.apply()
    assert await desk.engine.store.shops.get(SHOP) is None
    assert await desk.engine.store.shop(SHOP).products.count() == 0
    assert [each["what"] for each in await audit_entries(SHOP)] == ["shop/redact", "shop.purged"]


@pytest.mark.parametrize("topic", ["app/uninstalled", "shop/redact"])
async def test_an_end_from_before_the_last_install_is_none(desk: Desk, topic: str) -> None:
    name = await desk.put(topic, {"id": 1}, triggered_at=MONDAY)
    await desk.apply()
    shop = await desk.engine.store.shops.get(SHOP)
    assert shop is not None
    assert shop.status is ShopStatus.ACTIVE
    (found,) = (await desk.found()).values()
    assert (found.id, found.note) == (name, "the app was installed again since")


@pytest.mark.parametrize("standing", ["open", "frozen", "locked"])
async def test_a_shop_that_has_the_app_again_is_not_forgotten(
    desk: Desk, audit_entries: AuditEntries, standing: str
) -> None:
    desk.shopify.control("POST", f"/shops/{SHOP}", standing=standing)
    after = desk.engine.clock.now() + timedelta(hours=48)
    name = await desk.put("shop/redact", {"shop_id": 1}, triggered_at=after)
    await desk.apply()
    assert await desk.engine.store.shops.get(SHOP) == desk.shop
    (found,) = (await desk.found()).values()
    assert (found.id, found.status) == (name, PROCESSED)
    assert found.note == "the app was installed again since"
    assert [each["what"] for each in await audit_entries(SHOP)] == ["shop/redact", "shop.kept"]


async def test_a_shop_is_not_forgotten_while_shopify_cannot_be_asked(
    desk: Desk, audit_entries: AuditEntries
) -> None:
    events = desk.engine.store.shop(SHOP).events
    after = desk.engine.clock.now() + timedelta(hours=48)
    name = await desk.put("shop/redact", {"shop_id": 1}, triggered_at=after)
    for _ in range(20):  # more often than anything else is tried
        await desk.apply(desk.client(NoAnswer()), patience_seconds=0.01)
        found = (await desk.found())[name]
        assert found.status is RECEIVED
        assert found.note == "Shopify could not be asked within 0.01 seconds"
        await events.settle([EventOutcome(event_id=name, status=RECEIVED)])
    assert await desk.engine.store.shops.get(SHOP) is not None
    desk.shopify.control("POST", f"/shops/{SHOP}/tokens/revoke")
    await desk.apply()
    assert await desk.engine.store.shops.get(SHOP) is None
    assert [each["what"] for each in await audit_entries(SHOP)] == ["shop/redact", "shop.purged"]


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


class Archive:
    """Something outside of MongoDB that fails for a while."""

    def __init__(self, failures: list[Exception]) -> None:
        self.asked: list[tuple[str, object]] = []
        self.failures = failures

    async def orders_of(self, shop: ShopDomain, customer_id: int) -> list[Order]:
        del shop, customer_id
        return []

    async def erase_person(self, shop: ShopDomain, customer_id: int) -> None:
        self.asked.append((shop, customer_id))
        if self.failures:
            raise self.failures.pop()

    async def erase_shop(self, shop: ShopDomain) -> None:
        self.asked.append((shop, None))


async def test_a_person_is_not_erased_before_the_archive_has_erased_them(
    desk: Desk, audit_entries: AuditEntries
) -> None:
    away: list[Exception] = [StoreUnavailableError("the archive is away") for _ in range(16)]
    bugs: list[Exception] = [ZeroDivisionError(), ZeroDivisionError()]  # it is also tried alone
    archive, events = Archive([*bugs, *away]), desk.engine.store.shop(SHOP).events
    applier = EventApplier(desk.engine.store, desk.engine.clock, erasers=[archive])
    name = await desk.put("customers/redact", {"customer": {"id": 7}})
    notes = []
    while (found := (await desk.found())[name]).status is RECEIVED:
        assert found.body != b""
        await events.settle([EventOutcome(event_id=name, status=RECEIVED, note=found.note)])
        await desk.apply_by(applier, desk.client(NoAnswer()))
        notes.append((await desk.found())[name].note)
    assert (found.status, found.body) == (PROCESSED, b"")
    assert archive.asked == [(SHOP, 7)] * 19
    ours = "echosignal failed on it; the log has the details"
    assert notes == [*["the archive is away"] * 16, ours, "erased with the data of a person"]
    assert [each["what"] for each in await audit_entries(SHOP)] == [
        "customers/redact",
        "person.erased",
    ]
    after = desk.engine.clock.now() + timedelta(hours=48)
    await desk.put("app/uninstalled", {"id": 1}, triggered_at=after)
    await desk.put("shop/redact", {"shop_id": 1}, triggered_at=after)
    await desk.apply_by(applier, desk.client(NoAnswer()))
    assert archive.asked[-1] == (SHOP, None)


async def test_a_purge_that_was_interrupted_goes_on(
    desk: Desk, mongodb_uri: str, database_name: str
) -> None:
    store, product = desk.engine.store, desk.shopify.truth(SHOP).product(1).id
    await desk.put("products/update", desk.payload("product", product))
    await desk.apply()
    name = await desk.put("shop/redact", {"shop_id": 1})
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_uri)
    await client[database_name]["shops"].delete_many({})
    client.close()
    await EventApplier(store, desk.engine.clock).refuse_due(SHOP)
    assert name not in await desk.found()
    assert await store.shop(SHOP).products.count() == 0
