"""Shopify says that an export is over: whoever waits for it asks at once, in whatever process."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from config.settings import Settings
from gateway.cli.serve import serving_gateway
from sync_engine.model.clock import SystemClock
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncMode, SyncTrigger
from sync_engine.model.webhook_event import WebhookEventStatus
from sync_engine.open_engine import Duty, open_engine
from sync_engine.runs.start_run import start_run
from sync_engine.shopify.bulk.operations import BulkOperations, BulkStatus
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.sources.operation_follower import BulkPatience, OperationFollower
from sync_engine.sources.operation_news import OperationNews
from sync_engine.store.store import Store
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller
from tests.integration.gateway.test_webhooks_agree import CONNECT
from tests.simulator_process import Simulator, simulator
from tests.waiting import until

SHOP = ShopDomain("export.myshopify.com")
QUERY = "{ orders { edges { node { id } } } }"
AN_HOUR = 3600.0


@pytest.fixture
def shopify(tmp_path: Path) -> Iterator[Simulator]:
    """Yield a simulator whose exports take as long as a second."""
    spec = "export:customers=5:products=5:orders=20:token=shpat_export:plan=unmetered"
    with simulator(spec, cache=tmp_path, arguments=("--bulk-seconds", "1")) as running:
        yield running


@pytest.fixture
async def told_store(settings: Settings, shopify: Simulator, store: Store) -> AsyncIterator[Store]:
    """Yield the store beside a gateway that Shopify tells of the ends of exports."""
    async with (
        serving_gateway(settings),
        httpx.AsyncClient(base_url=settings.public_url, timeout=30) as http,
    ):
        caller = Caller(http, OPERATOR_TOKEN)
        await caller.data(CONNECT, domain=SHOP, token="shpat_export", sync=False)

        async def is_subscribed() -> bool:
            standing = shopify.control("GET", f"/shops/{SHOP}/subscriptions")
            return any(each["topic"] == "bulk_operations/finish" for each in standing)

        await until(is_subscribed)
        yield store


async def test_who_waits_in_another_process_goes_on_long_before_it_would_have_asked_again(
    settings: Settings, told_store: Store
) -> None:
    lease = await told_store.leases.acquire(SHOP, "sync", holder="this test", seconds=300)
    assert lease is not None  # so that the gateway leaves the run alone
    async with open_engine(settings, duty=Duty.NONE) as engine:
        runs = engine.store.shop(SHOP).runs
        run, _ = await start_run(
            engine.store.shop(SHOP),
            mode=SyncMode.INITIAL,
            trigger=SyncTrigger.MANUAL,
            resources=[Resource.ORDERS],
            strategy=None,
            clock=SystemClock(),
        )
        follower = OperationFollower(
            BulkOperations(engine.clients.of(SHOP, Priority.INITIAL)),
            SystemClock(),
            BulkPatience(first_poll_seconds=AN_HOUR, max_poll_seconds=AN_HOUR),
            OperationNews(run.id, runs=runs, feed=engine.store.run_feed),
        )
        started = await follower.start(QUERY, SystemClock().now())
        assert not started.status.is_final
        async with asyncio.timeout(60):
            operation = await follower.completed(started.id)
        assert operation.status is BulkStatus.COMPLETED
        after = await runs.get(run.id)
        assert after is not None
        assert after.operations_over == (started.id,)
    events = told_store.shop(SHOP).events
    topic, status = "bulk_operations/finish", WebhookEventStatus.PROCESSED
    assert await events.count(topic=topic, status=status) == 1


async def test_what_is_said_of_an_operation_is_not_believed(
    settings: Settings, told_store: Store
) -> None:
    lease = await told_store.leases.acquire(SHOP, "sync", holder="this test", seconds=300)
    assert lease is not None
    async with open_engine(settings, duty=Duty.NONE) as engine:
        runs = engine.store.shop(SHOP).runs
        run, _ = await start_run(
            engine.store.shop(SHOP),
            mode=SyncMode.INITIAL,
            trigger=SyncTrigger.MANUAL,
            resources=[Resource.ORDERS],
            strategy=None,
            clock=SystemClock(),
        )
        follower = OperationFollower(
            BulkOperations(engine.clients.of(SHOP, Priority.INITIAL)),
            SystemClock(),
            BulkPatience(first_poll_seconds=0.1, max_poll_seconds=0.1),
            OperationNews(run.id, runs=runs, feed=engine.store.run_feed),
        )
        started = await follower.start(QUERY, SystemClock().now())
        await runs.note_operation_over(started.id)
        async with asyncio.timeout(60):
            assert (await follower.completed(started.id)).status is BulkStatus.COMPLETED
