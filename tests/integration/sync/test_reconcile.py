"""A reconciliation finds whatever went unseen: the copy is then what a first sync would make."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from sync_engine.archive.archive import Archive
from sync_engine.archive.files import ArchiveFiles
from sync_engine.engine import Engine
from sync_engine.installation.look_again import look_again
from sync_engine.model.recurring import RecurringJob
from sync_engine.model.run import Checkpoint, StrategyFallback
from sync_engine.model.shop import ShopSettings
from sync_engine.model.shop_change import ShopChange
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncMode, SyncState, SyncStrategy
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.sources.reconcile import ReconcileSource
from tests.examples import batch
from tests.integration.sync.conftest import MakeSettings, connect, opened, sync
from tests.integration.sync.stored_records import stored_records
from tests.simulator_process import Simulator, simulator

SPEC = "drift:seed=4:customers=300:products=120:orders=700:plan=unmetered:jsonl=mixed"
SHOP = ShopDomain("drift.myshopify.com")
LAST_ID = 2**63 - 1
SCOPES = ["read_customers", "read_products", "read_orders"]
"""Without the one that shows orders older than 60 days."""


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator with one shop."""
    with simulator(SPEC, cache=simulator_cache, arguments=("--bulk-seconds", "0")) as running:
        yield running


@pytest_asyncio.fixture
async def engine(shopify: Simulator, make_settings: MakeSettings) -> AsyncIterator[Engine]:
    """Yield an engine that has the shop as it was generated."""
    async with opened(make_settings(shopify)) as running:
        await connect(running, SHOP)
        assert (await sync(running, SHOP)).state is SyncState.SUCCEEDED
        yield running


@pytest.mark.parametrize("seed", [1, 2])
async def test_after_all_kinds_of_unseen_changes_the_copy_is_exact(
    engine: Engine, shopify: Simulator, seed: int
) -> None:
    shopify.control("POST", f"/shops/{SHOP}/churn", edits=150, seed=seed, advance_seconds=60)
    run = await sync(engine, SHOP, mode=SyncMode.RECONCILE)
    assert (run.state, run.message) == (SyncState.SUCCEEDED, None)
    assert sum(stage.counts.deleted for stage in run.stages) > 0
    assert [stage.counts.processed for stage in run.stages] == [stage.total for stage in run.stages]
    for stage in run.stages:
        assert stage.counts.unchanged > stage.counts.created + stage.counts.updated
    found = await stored_records(engine.store.shop(SHOP))

    await engine.store.purge(SHOP)
    await connect(engine, SHOP)
    await sync(engine, SHOP, SyncStrategy.BULK)
    assert found == await stored_records(engine.store.shop(SHOP))


async def test_where_nothing_has_changed_nothing_is_read(engine: Engine) -> None:
    run = await sync(engine, SHOP, mode=SyncMode.RECONCILE)
    assert [stage.counts.unchanged for stage in run.stages] == [300, 120, 700]
    assert [stage.counts.processed for stage in run.stages] == [300, 120, 700]
    assert run.fraction == 1.0


async def test_orders_that_shopify_hides_are_not_taken_for_deleted(
    engine: Engine, shopify: Simulator
) -> None:
    shopify.control("POST", f"/shops/{SHOP}", granted_scopes=SCOPES)
    await connect(engine, SHOP)
    run = await sync(engine, SHOP, mode=SyncMode.RECONCILE)
    assert run.state is SyncState.SUCCEEDED
    assert run.stage(Resource.ORDERS).counts.deleted == 0
    assert await engine.store.shop(SHOP).orders.count() == 700


async def test_a_lost_scope_of_which_nobody_told_deletes_nothing(
    engine: Engine, shopify: Simulator
) -> None:
    shopify.control("POST", f"/shops/{SHOP}/scopes", scopes=SCOPES, app="custom")
    run = await sync(engine, SHOP, mode=SyncMode.RECONCILE)
    assert run.state is SyncState.SUCCEEDED
    assert run.stage(Resource.ORDERS).counts.deleted == 0
    assert await engine.store.shop(SHOP).orders.count() == 700
    shop = await engine.store.shops.get(SHOP)
    assert shop is not None
    assert shop.granted_scopes == tuple(sorted(SCOPES))


async def test_a_shop_that_was_away_is_compared_as_soon_as_it_is_connected_again(
    engine: Engine,
) -> None:
    async def seconds_until_compared() -> float:
        due_at = await engine.store.timetable.due_at(SHOP, RecurringJob.RECONCILE)
        assert due_at is not None
        return (due_at - engine.clock.now()).total_seconds()

    await connect(engine, SHOP)
    assert await seconds_until_compared() > 3_600
    await engine.disconnect(SHOP)
    await connect(engine, SHOP)
    assert await seconds_until_compared() < 10


class Notes:
    """Forgets what a source notes."""

    async def save(
        self, checkpoint: Checkpoint, total: int | None, *, processed: int | None = None
    ) -> None: ...

    def in_doubt(self, export_id: str) -> AsyncGenerator[list[int]]:
        raise AssertionError(export_id)

    async def end_export(self, export_id: str, *, is_whole: bool) -> None: ...

    async def take_road(
        self, strategy: SyncStrategy, fallbacks: tuple[StrategyFallback, ...]
    ) -> None: ...


async def test_a_scope_that_is_lost_in_the_middle_deletes_only_what_it_does_not_hide(
    engine: Engine, shopify: Simulator
) -> None:
    shop = engine.store.shop(SHOP)
    before = await shop.orders.versions(after=0, until=LAST_ID)
    edits = f"/shops/{SHOP}/edits"
    shopify.control("POST", edits, edits=[{"op": "create", "resource": "order"}])
    await sync(engine, SHOP, mode=SyncMode.RECONCILE)
    (young,) = (await shop.orders.versions(after=0, until=LAST_ID)).keys() - before.keys()
    doomed = [{"op": "delete", "resource": "order", "id": each} for each in (young, min(before))]
    shopify.control("POST", edits, edits=doomed)
    client = engine.clients.of(SHOP, Priority.INITIAL)
    source = ReconcileSource(
        Resource.ORDERS,
        client=client,
        known=shop.orders,
        references=shop.lost_references,
        journal=Notes(),
        clock=engine.clock,
        checkpoint=None,
        currency_code="USD",
        ask_scopes=partial(look_again, engine.store, SHOP, client),
    )
    await source.prepare()
    shopify.control("POST", f"/shops/{SHOP}/scopes", scopes=SCOPES, app="custom")
    assert [number async for each in source.batches() for number in each.deleted] == [young]


async def test_what_was_taken_for_deleted_and_is_there_comes_back(engine: Engine) -> None:
    shop = engine.store.shop(SHOP)
    numbers = list(await shop.orders.versions(after=0, until=LAST_ID))[:3]
    long_ago = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    gone = ShopChange(
        resource=Resource.ORDERS,
        batch=batch(deleted=tuple(numbers), observed_at=long_ago, export_id=None),
    )
    async with engine.store.changes(SHOP) as changes:
        await changes.write(gone, now=long_ago)
    assert await shop.orders.count() == 697
    run = await sync(engine, SHOP, mode=SyncMode.RECONCILE)
    assert run.stage(Resource.ORDERS).counts.updated == 3
    assert await shop.orders.count() == 700


async def test_archived_orders_are_compared_too(
    engine: Engine, shopify: Simulator, tmp_path: Path
) -> None:
    shop = await engine.store.shops.save_settings(SHOP, ShopSettings(archive_after_days=1))
    assert shop is not None
    files = ArchiveFiles(tmp_path.as_uri())
    archive = Archive(engine.store, files, holder="test", clock=engine.clock)
    assert (await archive.run(shop)).orders > 500
    run = await sync(engine, SHOP, mode=SyncMode.RECONCILE)
    orders = run.stage(Resource.ORDERS).counts
    assert (orders.unchanged, orders.processed) == (700, 700)

    shopify.control("POST", f"/shops/{SHOP}/churn", edits=150, seed=1, advance_seconds=60)
    run = await sync(engine, SHOP, mode=SyncMode.RECONCILE)
    assert (run.state, run.message) == (SyncState.SUCCEEDED, None)
    orders = run.stage(Resource.ORDERS).counts
    assert orders.unchanged > orders.created + orders.updated > orders.deleted > 0
    assert await engine.store.compare_rollups(SHOP) == []
    for month in {part.month for part in await archive.parts(SHOP)}:
        await archive.restore(SHOP, month)
    found = await stored_records(engine.store.shop(SHOP))

    await engine.store.purge(SHOP)
    await connect(engine, SHOP)
    await sync(engine, SHOP, SyncStrategy.BULK)
    assert found == await stored_records(engine.store.shop(SHOP))
