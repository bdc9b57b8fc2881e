"""A road that is shut is left for another, and the run says so; nothing is lost on the way."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from sync_engine.engine import Engine
from sync_engine.model.run import Run, WriteCounts
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import (
    Resource,
    ShopStatus,
    SyncPhase,
    SyncState,
    SyncStrategy,
)
from tests.integration.sync.conftest import MakeSettings, connect, opened, sync
from tests.integration.sync.stored_records import stored_records
from tests.simulator_process import Simulator, simulator
from tests.truth import expected_records

SPEC = "winding:seed=6:customers=30:products=20:orders=90:plan=unmetered"
SHOP = ShopDomain("winding.myshopify.com")
FAILS = {"type": "bulk", "status": "FAILED", "error_code": "INTERNAL_SERVER_ERROR"}
_SLOTS = 5


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator whose exports take no time."""
    with simulator(SPEC, cache=simulator_cache, arguments=("--bulk-seconds", "0")) as running:
        yield running


@pytest_asyncio.fixture
async def engine(shopify: Simulator, make_settings: MakeSettings) -> AsyncIterator[Engine]:
    """Yield an engine that waits hardly two seconds for a slot and finds no resource small."""
    async with opened(make_settings(shopify, bulk_slot_seconds=0)) as running:
        await connect(running, SHOP)
        yield running


def arm(shopify: Simulator, kind: str, action: dict[str, Any], **rule: Any) -> None:
    """Make every request of the kind go wrong."""
    body = {"shop": SHOP, "kind": kind, "times": None, "action": action} | rule
    shopify.control("POST", "/faults", **body)


def roads(run: Run, resource: Resource) -> list[tuple[SyncStrategy, str]]:
    """Return every strategy that a stage took, the last one with the reason it was taken."""
    stage = run.stage(resource)
    taken = [(each.from_strategy, each.reason.partition(":")[0]) for each in stage.fallbacks]
    assert stage.strategy is not None
    return [*taken, (stage.strategy, stage.phase)]


async def assert_everything_is_stored(engine: Engine, shopify: Simulator) -> None:
    found = await stored_records(engine.store.shop(SHOP))
    for wanted, have in zip(expected_records(shopify.truth(SHOP)), found, strict=True):
        assert have == wanted


async def test_bulk_that_is_not_enabled_is_left_for_pages(
    engine: Engine, shopify: Simulator
) -> None:
    shopify.control("POST", f"/shops/{SHOP}", is_bulk_disabled=True)
    run = await sync(engine, SHOP)
    assert (run.state, run.message) == (SyncState.SUCCEEDED, None)
    for resource in Resource:
        assert roads(run, resource) == [
            (SyncStrategy.BULK, "BULK_NOT_ENABLED"),
            (SyncStrategy.GRAPHQL, SyncPhase.DONE),
        ]
    await assert_everything_is_stored(engine, shopify)


async def test_slots_that_stay_busy_are_left_for_pages(engine: Engine, shopify: Simulator) -> None:
    shopify.control("POST", f"/shops/{SHOP}", bulk_seconds=600)
    for _ in range(_SLOTS):
        start_foreign_export(shopify)
    shopify.control("POST", f"/shops/{SHOP}", bulk_seconds=0)
    run = await sync(engine, SHOP)
    assert run.state is SyncState.SUCCEEDED
    assert roads(run, Resource.PRODUCTS) == [
        (SyncStrategy.BULK, "BULK_SLOTS_BUSY"),
        (SyncStrategy.GRAPHQL, SyncPhase.DONE),
    ]
    await assert_everything_is_stored(engine, shopify)


def start_foreign_export(shopify: Simulator) -> None:
    """Start an export of the same app that is none of this engine's."""
    query = "{ orders { edges { node { id } } } }"
    mutation = "mutation($q: String!) { bulkOperationRunQuery(query: $q) { userErrors { code } } }"
    response = httpx.post(
        f"{shopify.url}/{SHOP}/admin/api/2026-10/graphql.json",
        json={"query": mutation, "variables": {"q": query}},
        headers={"X-Shopify-Access-Token": "shpat_winding"},
    )
    assert response.json()["data"]["bulkOperationRunQuery"]["userErrors"] == []


async def test_an_export_that_fails_twice_is_left_for_pages(
    engine: Engine, shopify: Simulator
) -> None:
    arm(shopify, "bulk_submit", FAILS, contains="orders")
    run = await sync(engine, SHOP)
    assert run.state is SyncState.SUCCEEDED
    assert roads(run, Resource.ORDERS) == [
        (SyncStrategy.BULK, "BULK_FAILED_TWICE"),
        (SyncStrategy.GRAPHQL, SyncPhase.DONE),
    ]
    assert roads(run, Resource.CUSTOMERS) == [(SyncStrategy.BULK, SyncPhase.DONE)]
    (fallback,) = run.stage(Resource.ORDERS).fallbacks
    assert fallback.to_strategy is SyncStrategy.GRAPHQL
    assert "failed 2 times" in fallback.reason
    await assert_everything_is_stored(engine, shopify)


async def test_an_export_that_is_denied_is_left_for_pages(
    engine: Engine, shopify: Simulator
) -> None:
    arm(shopify, "bulk_submit", FAILS | {"error_code": "ACCESS_DENIED"}, contains="orders")
    run = await sync(engine, SHOP)
    assert run.state is SyncState.SUCCEEDED
    assert roads(run, Resource.ORDERS) == [
        (SyncStrategy.BULK, "BULK_DENIED"),
        (SyncStrategy.GRAPHQL, SyncPhase.DONE),
    ]
    await assert_everything_is_stored(engine, shopify)


async def test_an_export_that_breaks_after_half_of_it_was_stored_is_read_again_by_pages(
    engine: Engine, shopify: Simulator
) -> None:
    arm(shopify, "bulk_submit", {"type": "bulk", "count_error": 1}, contains="customers")
    run = await sync(engine, SHOP)
    assert run.state is SyncState.SUCCEEDED
    stage = run.stage(Resource.CUSTOMERS)
    assert stage.counts == WriteCounts(processed=30, created=30)
    assert stage.total == 30
    await assert_everything_is_stored(engine, shopify)


async def test_rest_that_is_retired_is_left_for_the_other_roads(
    engine: Engine, shopify: Simulator
) -> None:
    shopify.control("POST", f"/shops/{SHOP}", is_rest_retired=True)
    run = await sync(engine, SHOP, SyncStrategy.REST)
    assert run.state is SyncState.SUCCEEDED
    for resource in Resource:
        assert roads(run, resource) == [
            (SyncStrategy.REST, "REST_RETIRED"),
            (SyncStrategy.BULK, SyncPhase.DONE),
        ]
    await assert_everything_is_stored(engine, shopify)


@pytest.mark.parametrize("status", [404, 410])
async def test_a_list_that_rest_does_not_have_is_read_over_another_road(
    engine: Engine, shopify: Simulator, status: int
) -> None:
    arm(shopify, "rest", {"type": "status", "status": status}, contains="orders.json")
    run = await sync(engine, SHOP, SyncStrategy.REST)
    assert run.state is SyncState.SUCCEEDED
    assert {resource: roads(run, resource) for resource in Resource} == {
        Resource.CUSTOMERS: [(SyncStrategy.REST, SyncPhase.DONE)],
        Resource.PRODUCTS: [(SyncStrategy.REST, SyncPhase.DONE)],
        Resource.ORDERS: [
            (SyncStrategy.REST, "REST_RETIRED"),
            (SyncStrategy.BULK, SyncPhase.DONE),
        ],
    }
    shop = await engine.store.shops.get(SHOP)
    assert shop is not None
    assert shop.status is ShopStatus.ACTIVE
    await assert_everything_is_stored(engine, shopify)


async def test_a_resource_that_no_road_leads_to_fails_alone(
    engine: Engine, shopify: Simulator
) -> None:
    arm(shopify, "bulk_submit", FAILS, contains="products")
    rejected = {"type": "graphql_error", "code": "undefinedField", "message": "no such field"}
    arm(shopify, "graphql", rejected, contains="ProductsPage")
    arm(shopify, "rest", {"type": "status", "status": 422}, contains="products")
    run = await sync(engine, SHOP)
    assert run.state is SyncState.PARTIAL
    assert roads(run, Resource.PRODUCTS) == [
        (SyncStrategy.BULK, "BULK_FAILED_TWICE"),
        (SyncStrategy.GRAPHQL, "REJECTED"),
        (SyncStrategy.REST, SyncPhase.FAILED),
    ]
    assert {stage.phase for stage in run.stages if stage.resource is not Resource.PRODUCTS} == {
        SyncPhase.DONE
    }
    assert run.message is not None
    assert "products could not be read" in run.message
    shop = await engine.store.shops.get(SHOP)
    assert shop is not None
    assert set(shop.synced_through) == {Resource.CUSTOMERS, Resource.ORDERS}


async def test_few_records_are_read_by_pages_without_an_export(
    shopify: Simulator, make_settings: MakeSettings
) -> None:
    async with opened(make_settings(shopify, few_records=30)) as engine:
        await connect(engine, SHOP)
        run = await sync(engine, SHOP)
        assert {stage.resource: (stage.strategy, stage.fallbacks) for stage in run.stages} == {
            Resource.CUSTOMERS: (SyncStrategy.GRAPHQL, ()),
            Resource.PRODUCTS: (SyncStrategy.GRAPHQL, ()),
            Resource.ORDERS: (SyncStrategy.BULK, ()),
        }
        await assert_everything_is_stored(engine, shopify)
