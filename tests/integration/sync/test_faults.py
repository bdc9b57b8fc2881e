"""What goes wrong at Shopify, and what becomes of a sync: nothing is lost, doubled or hidden."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from sync_engine.engine import Engine
from sync_engine.model.run import Run
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import (
    Resource,
    ShopStatus,
    SyncErrorCode,
    SyncPhase,
    SyncState,
    SyncStrategy,
)
from tests.integration.sync.conftest import MakeSettings, connect, opened, sync
from tests.integration.sync.stored_records import stored_records
from tests.simulator_process import Simulator, simulator
from tests.truth import expected_records

SPEC = "fragile:seed=5:customers=60:products=30:orders=250"
SHOP = ShopDomain("fragile.myshopify.com")
POOR_SPEC = "poor:customers=5:products=5:scopes=read_customers,read_products"
POOR_SHOP = ShopDomain("poor.myshopify.com")


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator whose exports take no time, with a second shop that lacks a scope."""
    arguments = ("--bulk-seconds", "0.1")
    with simulator(SPEC, POOR_SPEC, cache=simulator_cache, arguments=arguments) as running:
        yield running


@pytest_asyncio.fixture
async def engine(shopify: Simulator, make_settings: MakeSettings) -> AsyncIterator[Engine]:
    """Yield an engine that is connected to the shop and patient for seconds only."""
    settings = make_settings(
        shopify, bulk_stall_seconds=2, bulk_slot_seconds=20, bulk_poll_seconds=0.3
    )
    async with opened(settings) as running:
        await connect(running, SHOP)
        yield running


def arm(shopify: Simulator, kind: str, action: dict[str, Any], **rule: Any) -> None:
    """Make the next request of the kind go wrong, once unless said otherwise."""
    body = {"shop": SHOP, "kind": kind, "times": 1, "action": action} | rule
    shopify.control("POST", "/faults", **body)


def hits(shopify: Simulator) -> int:
    return sum(rule["hits"] for rule in shopify.control("GET", "/faults"))


async def assert_everything_is_stored(engine: Engine, shopify: Simulator) -> None:
    found = await stored_records(engine.store.shop(SHOP))
    for wanted, have in zip(expected_records(shopify.truth(SHOP)), found, strict=True):
        assert have == wanted


HARMLESS = [
    pytest.param("graphql", {"type": "status", "status": 503}, id="Shopify is down for a moment"),
    pytest.param("graphql", {"type": "status", "status": 502}, id="a gateway fails"),
    pytest.param("graphql", {"type": "status", "status": 404}, id="nothing is found for a moment"),
    pytest.param("graphql", {"type": "throttle"}, id="throttled out of the blue"),
    pytest.param("graphql", {"type": "graphql_error"}, id="internal error with HTTP 200"),
    pytest.param("graphql", {"type": "reset"}, id="connection reset"),
    pytest.param("graphql", {"type": "respond", "body": "<html>"}, id="an answer in HTML"),
    pytest.param("graphql", {"type": "respond", "body": ""}, id="an empty answer"),
    pytest.param("graphql", {"type": "respond", "body": '{"data":'}, id="half an answer"),
    pytest.param("graphql", {"type": "respond", "body": '{"data":{}}'}, id="the wrong shape"),
    pytest.param("bulk_poll", {"type": "status", "status": 500}, id="a poll fails"),
    pytest.param("bulk_submit", {"type": "status", "status": 429}, id="a submission is throttled"),
    pytest.param("bulk_submit", {"type": "bulk", "status": "FAILED"}, id="an export fails"),
    pytest.param(
        "bulk_submit",
        {"type": "bulk", "status": "FAILED", "error_code": "TIMEOUT", "has_partial_data": True},
        id="an export times out with partial data",
    ),
    pytest.param("bulk_submit", {"type": "bulk", "status": "CANCELED"}, id="Shopify cancels"),
    pytest.param("bulk_submit", {"type": "bulk", "is_url_missing": True}, id="no address"),
    pytest.param("bulk_submit", {"type": "bulk", "count_error": -3}, id="the count is too low"),
    pytest.param("bulk_submit", {"type": "bulk", "count_error": 2}, id="the count is too high"),
    pytest.param("bulk_submit", {"type": "bulk", "stuck_in": "CREATED"}, id="never begins"),
    pytest.param("bulk_submit", {"type": "bulk", "stuck_in": "RUNNING"}, id="never ends"),
    pytest.param("download", {"type": "reset", "after_bytes": 9_000}, id="a download breaks"),
    pytest.param("download", {"type": "cut", "after_bytes": 9_000}, id="a download is cut short"),
    pytest.param("download", {"type": "status", "status": 503}, id="a download is refused"),
    pytest.param(
        "download", {"type": "expire_url", "after_bytes": 9_000}, id="the address expires"
    ),
]


@pytest.mark.parametrize(("kind", "action"), HARMLESS)
async def test_what_passes_leaves_no_trace(
    engine: Engine, shopify: Simulator, kind: str, action: dict[str, Any]
) -> None:
    arm(shopify, kind, action)
    run = await sync(engine, SHOP)
    assert hits(shopify) == 1
    assert (run.state, run.message) == (SyncState.SUCCEEDED, None)
    assert run.fraction == 1.0
    await assert_everything_is_stored(engine, shopify)


async def test_an_export_whose_start_was_not_heard_of_is_found_and_not_started_twice(
    engine: Engine, shopify: Simulator
) -> None:
    arm(shopify, "bulk_submit", {"type": "reset", "after_bytes": 1})
    run = await sync(engine, SHOP, SyncStrategy.BULK)
    assert hits(shopify) == 1
    assert (run.state, run.message) == (SyncState.SUCCEEDED, None)
    assert shopify.counters(SHOP)["bulk_submit"]["requests"] == len(Resource)
    await assert_everything_is_stored(engine, shopify)


async def test_a_download_that_breaks_again_and_again_goes_on_where_it_was(
    engine: Engine, shopify: Simulator
) -> None:
    arm(shopify, "download", {"type": "reset", "after_bytes": 20_000}, times=6)
    run = await sync(engine, SHOP)
    assert run.state is SyncState.SUCCEEDED
    await assert_everything_is_stored(engine, shopify)
    starts = shopify.counters(SHOP)["download"]["range_starts"]
    assert hits(shopify) == 6
    assert starts
    assert all(start > 0 for start in starts)


@pytest.mark.parametrize("line", [1, 2, 40])
async def test_a_line_that_is_not_json_is_quarantined_and_the_rest_is_stored(
    engine: Engine, shopify: Simulator, line: int
) -> None:
    arm(shopify, "download", {"type": "malform_line", "line": line})
    run = await sync(engine, SHOP)
    assert run.state is SyncState.PARTIAL
    assert run.error_count == 1
    assert run.message is not None
    (error,) = (await engine.store.shop(SHOP).errors.page(first=10, run_id=run.id)).items
    assert error.node.code is SyncErrorCode.MALFORMED_RECORD
    assert error.node.payload
    assert await missing(engine, shopify) == 1


async def test_a_record_without_id_is_quarantined_and_the_rest_is_stored(
    engine: Engine, shopify: Simulator
) -> None:
    arm(shopify, "download", {"type": "drop_id", "line": 3})
    run = await sync(engine, SHOP)
    assert (run.state, run.error_count) == (SyncState.PARTIAL, 1)
    assert await missing(engine, shopify) == 1


async def missing(engine: Engine, shopify: Simulator) -> int:
    found: tuple[list[Any], ...] = await stored_records(engine.store.shop(SHOP))
    count = 0
    expected: tuple[list[Any], ...] = expected_records(shopify.truth(SHOP))
    for wanted, have in zip(expected, found, strict=True):
        good = [record for record in wanted if record in have]
        assert len(good) >= len(have) - 1  # a record may stand without its bad part
        count += len(wanted) - len(good)
    return count


async def test_busy_slots_are_waited_for(engine: Engine, shopify: Simulator) -> None:
    shopify.control("POST", f"/shops/{SHOP}", bulk_seconds=2)
    for _ in range(_SLOTS):
        start_foreign_export(shopify)
    shopify.control("POST", f"/shops/{SHOP}", bulk_seconds=0.1)
    run = await sync(engine, SHOP)
    assert run.state is SyncState.SUCCEEDED
    assert shopify.counters(SHOP)["bulk_submit"]["requests"] > _SLOTS + len(Resource)
    await assert_everything_is_stored(engine, shopify)


_SLOTS = 5


def start_foreign_export(shopify: Simulator) -> None:
    """Start an export of the same app that is none of this engine's."""
    query = "{ orders { edges { node { id } } } }"
    mutation = "mutation($q: String!) { bulkOperationRunQuery(query: $q) { userErrors { code } } }"
    response = httpx.post(
        f"{shopify.url}/{SHOP}/admin/api/2026-10/graphql.json",
        json={"query": mutation, "variables": {"q": query}},
        headers={"X-Shopify-Access-Token": "shpat_fragile"},
    )
    assert response.json()["data"]["bulkOperationRunQuery"]["userErrors"] == []


@pytest.mark.parametrize(
    ("standing", "status"),
    [
        ("frozen", ShopStatus.SUSPENDED),
        ("locked", ShopStatus.SUSPENDED),
        ("inactive", ShopStatus.SUSPENDED),
        ("closed", ShopStatus.SUSPENDED),
    ],
)
async def test_a_shop_that_refuses_us_stops_with_its_reason(
    engine: Engine, shopify: Simulator, standing: str, status: ShopStatus
) -> None:
    shopify.control("POST", f"/shops/{SHOP}", standing=standing)
    run = await sync(engine, SHOP)
    assert run.state is SyncState.FAILED
    shop = await engine.store.shops.get(SHOP)
    assert shop is not None
    assert shop.status is status
    assert shop.status_reason
    assert run.message == shop.status_reason
    assert await engine.store.shops.grant(SHOP) is not None


async def test_a_token_that_is_revoked_in_mid_run_asks_for_reauthorization(
    engine: Engine, shopify: Simulator
) -> None:
    arm(shopify, "bulk_poll", {"type": "revoke_token"})
    run = await sync(engine, SHOP)
    assert run.state is SyncState.FAILED
    shop = await engine.store.shops.get(SHOP)
    assert shop is not None
    assert shop.status is ShopStatus.REAUTHORIZATION_REQUIRED


async def test_a_scope_that_is_missing_fails_its_stage_alone(
    engine: Engine, shopify: Simulator
) -> None:
    await connect(engine, POOR_SHOP)
    run = await sync(engine, POOR_SHOP)
    phases = {stage.resource: stage.phase for stage in run.stages}
    assert phases == {
        Resource.CUSTOMERS: SyncPhase.DONE,
        Resource.PRODUCTS: SyncPhase.DONE,
        Resource.ORDERS: SyncPhase.FAILED,
    }
    assert run.state is SyncState.PARTIAL
    assert shopify.counters(POOR_SHOP)["bulk_submit"]["requests"] <= 3
    shop = await engine.store.shops.get(POOR_SHOP)
    assert shop is not None
    assert shop.status is ShopStatus.ACTIVE


async def test_shopify_never_has_to_refuse_an_undisturbed_sync(
    engine: Engine, shopify: Simulator
) -> None:
    run: Run = await sync(engine, SHOP)
    counters = shopify.counters(SHOP)
    assert sum(kind["throttled"] for kind in counters.values()) == 0
    assert run.usage.throttled == 0
    assert (
        run.usage.requests
        == sum(kind["requests"] for name, kind in counters.items() if name != "oauth") - _CONNECTING
    )
    assert run.usage.bytes_downloaded == counters["download"]["bytes_sent"]


_CONNECTING = 1  # the question who the token belongs to
