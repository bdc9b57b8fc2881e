"""Two shops that are alike to the last id, each with something of everything that is stored."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from sync_engine.model.access import ViewerScope
from sync_engine.model.audit import AuditEntry
from sync_engine.model.batch import LooseChild, Reject
from sync_engine.model.clock import SystemClock
from sync_engine.model.records import Refund, RefundLineItem
from sync_engine.model.recurring import RecurringJob
from sync_engine.model.run import ApiUsage, Run
from sync_engine.model.shop import AccessGrant, ApiBudget, BudgetLevel, ShopProfile
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncErrorCode, SyncMode, SyncState, SyncTrigger
from sync_engine.runs.start_run import start_run
from sync_engine.store.data_exports import DataExport
from sync_engine.store.store import Store
from tests.examples import (
    MONDAY,
    batch,
    commit,
    customer,
    event,
    line_item,
    order,
    product,
    variant,
)

MINE = ShopDomain("alpha.myshopify.com")
THEIRS = ShopDomain("bravo.myshopify.com")
RECORDS = 5


def marker(shop: ShopDomain) -> str:
    """Return a word that stands in every text of a shop, and in no other shop's."""
    return shop.partition(".")[0]


async def fill(store: Store, shop: ShopDomain) -> Run:
    """Store something of everything for a shop and return its run under way.

    Ids that Shopify gives are the same in every shop, those of ours are not.
    """
    word = marker(shop)
    profile = ShopProfile(
        gid="gid://shopify/Shop/1",
        domain=shop,
        name=f"{word} store",
        currency_code="USD",
        iana_timezone="Europe/Berlin",
        taxes_included=False,
        country_code="DE",
        plan_name=f"{word} plan",
    )
    await store.shops.connect(
        profile, AccessGrant(access_token=f"shpat_{word}"), ["read_orders"], now=MONDAY
    )
    await store.shops.move_watermarks(shop, dict.fromkeys(Resource, MONDAY))
    level = BudgetLevel(maximum=2000, available=1000, restores_per_second=100)
    await store.shops.save_budget(shop, ApiBudget(graphql=level, rest=None, as_of=MONDAY))
    over = await _run(store, shop)
    await _fill_records(store, over, word)
    await store.shop(shop).runs.finish(
        over, SyncState.PARTIAL, message=f"{word} failed", usage=ApiUsage(), now=MONDAY
    )
    active = await _run(store, shop)
    await _fill_the_rest(store, active, word)
    return active


async def _run(store: Store, shop: ShopDomain) -> Run:
    run, _ = await start_run(
        store.shop(shop),
        mode=SyncMode.INITIAL,
        trigger=SyncTrigger.MANUAL,
        resources=tuple(Resource),
        strategy=None,
        clock=SystemClock(),
    )
    taken = await store.shop(shop).runs.take_up(run.id, fence=1, now=MONDAY)
    assert taken is not None
    return taken


async def _fill_records(store: Store, run: Run, word: str) -> None:
    numbers = range(1, RECORDS + 1)
    amount = Decimal("10.00") if word == marker(MINE) else Decimal("77.77")
    refund = Refund(
        id=1,
        created_at=MONDAY,
        total=amount,
        line_items=(RefundLineItem(line_item_id=1, quantity=1, subtotal=amount, tax=amount),),
        shipping=amount,
        shipping_tax=amount,
        adjustment=amount,
        adjustment_tax=amount,
    )
    await commit(
        store,
        run,
        Resource.CUSTOMERS,
        batch(
            *(
                customer(
                    number,
                    created_at=MONDAY + timedelta(days=number),
                    display_name=f"{word} {number}",
                    first_name=word,
                    last_name=word,
                    email=f"{number}@{word}.example",
                    tags=(word, "shared"),
                    amount_spent=amount,
                )
                for number in numbers
            )
        ),
    )
    await commit(
        store,
        run,
        Resource.PRODUCTS,
        batch(
            *(
                product(
                    number,
                    title=f"{word} {number}",
                    handle=f"{word}-{number}",
                    vendor=word,
                    tags=(word, "shared"),
                    variants=(variant(number, sku=f"{word}-{number}", price=amount),),
                )
                for number in numbers
            )
        ),
    )
    loose = LooseChild(parent_id=99, child=line_item(99, title=word))
    reject = Reject(
        code=SyncErrorCode.MALFORMED_RECORD,
        message=f"{word} is malformed",
        resource_id=None,
        payload=f'{{"note": "{word}"}}',
    )
    await commit(
        store,
        run,
        Resource.ORDERS,
        batch(
            *(
                order(
                    number,
                    created_at=MONDAY + timedelta(days=number),
                    name=f"#{word}{number}",
                    customer_id=number,
                    source_name=word,
                    tags=(word, "shared"),
                    total_price=amount,
                    line_items=(line_item(number, title=word, product_id=number),),
                    refunds=(refund,),
                )
                for number in numbers
            ),
            loose_children=(loose,),
            rejects=(reject,),
        ),
    )


async def _fill_the_rest(store: Store, run: Run, word: str) -> None:
    shop = run.shop
    async with store.intake.open():
        for number in range(1, 4):
            body = f'{{"id": {number}, "email": "{word}"}}'.encode()
            await store.intake.add(event(number, shop, topic="orders/updated", body=body))
    await store.timetable.plan(
        shop,
        {RecurringJob.INCREMENTAL: timedelta(minutes=15)},
        first_after={RecurringJob.INCREMENTAL: timedelta(0)},
    )
    await store.api_tokens.create(shop, tuple(ViewerScope), now=MONDAY)
    await store.audit.add(AuditEntry(id="1", shop=shop, what="x", who=word, at=datetime.now(UTC)))
    export = DataExport(
        id=f"{word} export",
        shop=shop,
        customer_id=1,
        request=1,
        asked_at=datetime.now(UTC),
        made_at=datetime.now(UTC),
        is_empty=False,
    )
    await store.data_exports.add(export, word.encode())
    await store.engagement.add(shop, MONDAY.date(), 5)
    await store.install_states.use(shop, "the-same-state", now=datetime.now(UTC))
    lease = await store.leases.acquire(shop, "sync", holder=word, seconds=600)
    assert lease is not None


async def documents_of(uri: str, database: str, shop: ShopDomain) -> dict[str, list[Any]]:
    """Return everything that is stored of a shop, by collection."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
    try:
        stored = client[database]
        return {
            name: [each async for each in stored[name].find({"shop_id": shop}).sort("_id", 1)]
            for name in sorted(await stored.list_collection_names())
        }
    finally:
        client.close()


async def copy_of(uri: str, database: str, shop: ShopDomain) -> str:
    """Copy everything of one shop into a database of its own, and return that one's name."""
    name = f"test_{uuid.uuid4().hex}"
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
    try:
        for collection, documents in (await documents_of(uri, database, shop)).items():
            if documents:
                await client[name][collection].insert_many(documents)
    finally:
        client.close()
    return name


async def drop(uri: str, database: str) -> None:
    """Forget a database."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
    await client.drop_database(database)
    client.close()
