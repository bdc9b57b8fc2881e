"""What people may ask for: everything about them is handed over, and erased wherever it was."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from sync_engine.model.batch import Reject
from sync_engine.model.records import Order
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncErrorCode, SyncMode, SyncStrategy
from sync_engine.model.webhook_event import EventOutcome, WebhookEventStatus
from tests.integration.sync.conftest import AuditEntries, MakeSettings, connect, opened, sync
from tests.integration.sync.desk import Desk
from tests.integration.sync.stored_records import stored
from tests.raw_database import COMPRESSED, holding, raw_documents
from tests.simulator_process import Simulator, simulator

SPEC = "people:seed=8:customers=20:products=10:orders=60:plan=unmetered"
SHOP = ShopDomain("people.myshopify.com")
RECEIVED, PROCESSED, _, FAILED = WebhookEventStatus
FIRST, LAST, EMAIL, PHONE = "Zélmira", "Qvortrup", "Zelmira@Qvortrup.example", "+4915798765432"
WORDS = (FIRST, LAST, EMAIL, PHONE)


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator with one shop."""
    with simulator(SPEC, cache=simulator_cache, arguments=("--bulk-seconds", "0")) as running:
        yield running


@dataclass
class Scene:
    """A shop that was synced, and somebody in it who has left traces everywhere."""

    desk: Desk
    uri: str
    database: str
    person: int
    orders: list[int]
    waiting: str

    async def traces(self, *words: str | int) -> dict[str, set[str]]:
        """Return where the person is found."""
        return holding(await raw_documents(self.uri, self.database), words or WORDS)

    async def ask(self, topic: str, **more: Any) -> str:
        """Ask for something on the person's behalf, as Shopify does."""
        customer = {"id": self.person, "email": EMAIL, "phone": PHONE}
        asked = {"shop_id": 1, "shop_domain": SHOP, "customer": customer} | more
        return await self.desk.put(topic, asked, triggered_at=self.desk.engine.clock.now())

    async def redact(self) -> str:
        name = await self.ask("customers/redact", orders_to_redact=self.orders)
        await self.desk.apply()
        return name

    async def apply_what_waits(self) -> None:
        """Apply the webhook that was put off."""
        due = EventOutcome(event_id=self.waiting, status=RECEIVED)
        await self.desk.engine.store.shop(SHOP).events.settle([due])
        await self.desk.apply()

    async def stored_orders(self) -> list[Order]:
        return await stored(self.desk.engine.store.shop(SHOP).orders)


@pytest_asyncio.fixture
async def scene(
    running_shopify: Simulator, make_settings: MakeSettings, mongodb_uri: str, database_name: str
) -> AsyncIterator[Scene]:
    """Yield the scene before anything is asked."""
    shopify = running_shopify
    shopify.control("POST", "/reset")
    truth = shopify.truth(SHOP)
    buyers = [each.customer_index for each in truth.orders()]
    index = max((each for each in buyers if each is not None), key=buyers.count)
    person = truth.customer(index).id
    orders = [each.id for each in truth.orders() if each.customer_index == index]
    names = {"first_name": FIRST, "last_name": LAST, "email": EMAIL, "phone": PHONE}
    tags = {"tags": ["gift", f"for {FIRST} {LAST}"]}
    edits = [
        {"op": "update", "resource": "customer", "id": person, "set": names},
        {"op": "update", "resource": "order", "id": orders[0], "set": tags},
        {"op": "update", "resource": "order", "id": orders[1], "set": {"email": EMAIL}},
    ]
    shopify.control("POST", f"/shops/{SHOP}/edits", edits=edits)
    async with opened(make_settings(shopify)) as engine:
        await connect(engine, SHOP)
        shop = await engine.store.shops.get(SHOP)
        assert shop is not None
        desk = Desk(engine, shopify, shop)
        await sync(engine, SHOP, SyncStrategy.BULK)
        await desk.put("customers/update", desk.payload("customer", person))
        await desk.put("customers/update", {"id": str(person), "email": EMAIL})  # unreadable
        about_order = desk.payload("order", orders[1])
        await desk.put("orders/updated", about_order)
        await desk.apply()
        waiting = await desk.put("orders/updated", desk.payload("order", orders[0]))
        put_off = EventOutcome(event_id=waiting, status=RECEIVED, retry_in_seconds=3600)
        await engine.store.shop(SHOP).events.settle([put_off])  # as if Shopify did not answer
        reject = Reject(
            code=SyncErrorCode.STORE_REJECTED,
            message=f"Customer {person} is refused by MongoDB: {LAST}",
            resource_id=f"gid://shopify/Customer/{person}",
            payload=json.dumps(about_order)[:3000],  # cut, as a large one is
        )
        errors, now = engine.store.shop(SHOP).errors, engine.clock.now()
        await errors.add([reject], run_id=None, resource=Resource.CUSTOMERS, now=now)
        order = replace_id(reject, f"gid://shopify/Order/{orders[1]}")
        await errors.add([order], run_id=None, resource=Resource.ORDERS, now=now)
        yield Scene(desk, mongodb_uri, database_name, person, orders, waiting)


def replace_id(reject: Reject, resource_id: str) -> Reject:
    return msgspec.structs.replace(reject, resource_id=resource_id)


def money(orders: list[Order]) -> dict[int, tuple[Decimal, ...]]:
    return {
        each.id: (each.total_price, each.total_refunded, each.total_discounts, each.total_tax)
        for each in orders
    }


async def test_a_person_is_found_nowhere_once_they_are_erased(
    scene: Scene, audit_entries: AuditEntries
) -> None:
    store = scene.desk.engine.store
    await scene.ask("customers/data_request", orders_requested=scene.orders)
    await scene.desk.apply()
    everywhere = await scene.traces()
    assert set(everywhere) == {"customers", "orders", "webhook_events", "sync_errors"}
    assert everywhere["customers"] == {FIRST, LAST, EMAIL, PHONE}
    assert len(await store.data_exports.list(SHOP)) == 1
    before = await scene.stored_orders()
    assert {each.id for each in before if each.customer_id == scene.person} == set(scene.orders)

    await scene.redact()
    assert await store.data_exports.list() == []
    after = await scene.stored_orders()
    assert money(after) == money(before)
    assert await scene.desk.engine.rollups.settle(SHOP)
    assert await store.compare_rollups(SHOP) == []
    assert [replace_person(each, scene.person) for each in before] == after
    assert await store.shop(SHOP).customers.get(scene.person) is None
    # What waits for Shopify to answer is applied first; then nothing is left of it either.
    assert set(await scene.traces()) == {"webhook_events"}
    await scene.apply_what_waits()
    assert (await scene.desk.statuses())[scene.waiting] is PROCESSED
    assert await scene.traces() == {}
    assert {each.customer_id for each in await scene.stored_orders()} == {
        None if each.customer_id == scene.person else each.customer_id for each in before
    }
    quarantined = await store.shop(SHOP).errors.page(first=10)
    assert {(each.node.resource_id, each.node.payload) for each in quarantined.items} == {
        (None, None),
        (f"gid://shopify/Order/{scene.orders[1]}", None),
    }
    unresolved = await store.shop(SHOP).errors.unresolved(ids=None, run_id=None, limit=9)
    assert [each.resource for each in unresolved] == [Resource.ORDERS]  # it can be read again
    # A number is no name: the audit says whom it was about, a tombstone keeps them out.
    assert set(await scene.traces(scene.person)) == {"audit", "customers"}
    entries = [each for each in await audit_entries(SHOP) if each["what"] == "person.erased"]
    assert entries[0]["details"] == {
        "customer_id": scene.person,
        "orders": len(scene.orders),
        "webhooks": 6,
        "errors": 2,
        "exports": 1,
    }


def replace_person(order: Order, person: int) -> Order:
    """Return an order as it is when its customer is erased."""
    if order.customer_id != person:
        return order
    kept = tuple(tag for tag in order.tags if LAST not in tag)
    fields = {name: getattr(order, name) for name in order.__struct_fields__}
    return Order(**(fields | {"customer_id": None, "tags": kept}))


async def test_neither_late_events_nor_later_syncs_bring_an_erased_person_back(
    scene: Scene,
) -> None:
    desk, store = scene.desk, scene.desk.engine.store.shop(SHOP)
    late_customer = desk.payload("customer", scene.person)
    late_order = desk.payload("order", scene.orders[1]) | {"tags": "", "note": None}
    late_order["updated_at"] = (desk.engine.clock.now() + timedelta(hours=1)).isoformat()
    await scene.redact()
    now = desk.engine.clock.now()
    await desk.put("customers/update", late_customer, triggered_at=now - timedelta(hours=3))
    await desk.put("customers/update", late_customer, triggered_at=now + timedelta(hours=3))
    await desk.put("orders/updated", late_order, triggered_at=now)
    await scene.apply_what_waits()
    assert await scene.traces() == {}
    await sync(desk.engine, SHOP, SyncStrategy.BULK)
    await sync(desk.engine, SHOP, SyncStrategy.REST)
    await sync(desk.engine, SHOP, mode=SyncMode.RECONCILE)
    assert await store.customers.get(scene.person) is None
    assert scene.person not in {each.customer_id for each in await scene.stored_orders()}
    assert await scene.traces(EMAIL, PHONE) == {}


async def test_a_person_who_comes_back_is_known_again(scene: Scene) -> None:
    desk, store = scene.desk, scene.desk.engine.store.shop(SHOP)
    await scene.redact()
    returned = desk.payload("customer", scene.person)
    later = desk.engine.clock.now()
    returned["updated_at"] = later.isoformat()
    await desk.put("customers/update", returned, triggered_at=later, received_at=later)
    await desk.apply()
    found = await store.customers.get(scene.person)
    assert found is not None
    assert found.last_name == LAST


async def test_orders_that_are_still_under_a_former_customer_are_released_too(
    scene: Scene,
) -> None:
    other = next(
        each for each in await scene.stored_orders() if each.customer_id not in {None, scene.person}
    )
    scene.orders.append(other.id)  # Shopify has merged them and we were not told
    before = await scene.stored_orders()
    await scene.redact()
    changed = {
        old.id
        for old, new in zip(before, await scene.stored_orders(), strict=True)
        if old.customer_id != new.customer_id
    }
    assert changed == set(scene.orders)


async def test_an_export_holds_everything_or_says_that_there_is_nothing(
    scene: Scene,
) -> None:
    name = await scene.ask(
        "customers/data_request", orders_requested=scene.orders, data_request={"id": 99}
    )
    await scene.desk.apply()
    exports = scene.desk.engine.store.data_exports
    (listed,) = await exports.list(SHOP)
    assert (listed.id, listed.customer_id, listed.request) == (name, scene.person, 99)
    assert not listed.is_empty
    read = await exports.read(name)
    assert read is not None
    export = json.loads(read[1])
    assert export["customer"]["email"] == EMAIL
    assert [each["id"] for each in export["orders"]] == sorted(scene.orders)
    assert all(each["line_items"] for each in export["orders"])
    stored_total = {each.id: str(each.total_price) for each in await scene.stored_orders()}
    assert all(each["total_price"] == stored_total[each["id"]] for each in export["orders"])
    assert len(export["quarantined"]) == 2
    topics = [each["topic"] for each in export["webhooks"]]
    assert sorted(topics) == [*["customers/update"] * 2, *["orders/updated"] * 2]
    assert export["summary"] is None

    stranger = {"customer": {"id": 1, "email": "stranger@example.com", "phone": None}}
    await scene.ask("customers/data_request", **stranger)
    await scene.desk.apply()
    (_, listed) = await exports.list()
    assert listed.is_empty
    read = await exports.read(listed.id)
    assert read is not None
    assert json.loads(read[1])["summary"] == "Nothing is stored about this person."


async def test_a_purged_shop_is_found_nowhere_but_in_the_audit(scene: Scene) -> None:
    desk, store = scene.desk, scene.desk.engine.store
    await scene.ask("customers/data_request", orders_requested=scene.orders)
    await store.api_tokens.create(SHOP, (), now=desk.engine.clock.now())
    await desk.apply()
    documents = await raw_documents(scene.uri, scene.database)
    everywhere = set(holding(documents, [SHOP]))
    assert everywhere >= {"shops", "orders", "sync_runs", "leases", "timetable", "api_tokens"}
    assert len(documents[COMPRESSED]) == 1

    later = desk.engine.clock.now() + timedelta(hours=48)
    await desk.put("app/uninstalled", {"id": 1}, triggered_at=later)
    await desk.put("shop/redact", {"shop_id": 1, "shop_domain": SHOP}, triggered_at=later)
    await desk.apply()
    assert set(await scene.traces(SHOP)) == {"audit"}
    assert await scene.traces() == {}
