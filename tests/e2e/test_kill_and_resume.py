"""Killed at any moment and started again, a sync ends as if nothing had happened."""

import asyncio
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sync_engine.model.run import Run, WriteCounts
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncState, SyncStrategy
from sync_engine.store.store import Store
from tests.e2e.conftest import MakeEnvironment
from tests.e2e.program import Program, start_program
from tests.integration.sync.stored_records import stored_records
from tests.simulator_process import Simulator, simulator
from tests.truth import expected_records


async def connected(environment: Mapping[str, str], shop: ShopDomain) -> None:
    token = f"shpat_{shop.split('.')[0]}"
    program = await start_program(
        "shops", "add", shop, "--access-token", token, environment=environment
    )
    code, output = await program.result()
    assert code == 0, output


async def newest_run(store: Store, shop: ShopDomain) -> Run | None:
    return await store.shop(shop).runs.latest()


async def reach(store: Store, shop: ShopDomain, program: Program, moment: int) -> Run:
    """Wait until so many records are stored; returns the run as it then stood."""
    while True:
        run = await newest_run(store, shop)
        if run is not None and (
            sum(stage.counts.processed for stage in run.stages) >= moment or not run.state.is_active
        ):
            return run
        assert not program.is_over
        await asyncio.sleep(0.002)


async def check_kills_at(
    moments: list[int],
    shopify: Simulator,
    store: Store,
    environment: Mapping[str, str],
    strategy: SyncStrategy = SyncStrategy.BULK,
) -> None:
    """Sync the simulator's only shop under these kills, and compare everything at the end."""
    (shop,) = shopify.domains
    await connected(environment, shop)
    command = ("sync", shop, "--strategy", strategy.value)
    for moment in sorted(moments):
        program = await start_program(*command, environment=environment)
        await reach(store, shop, program, moment)
        await program.kill_9()
    program = await start_program(*command, environment=environment)
    code, output = await program.result()
    assert code == 0, output

    run = await newest_run(store, shop)
    assert run is not None
    assert run.state is SyncState.SUCCEEDED
    assert run.resumed_count <= len(moments)
    found: Any = await stored_records(store.shop(shop))
    expected: Any = expected_records(shopify.truth(shop))
    for resource, wanted, have in zip(Resource, expected, found, strict=True):
        assert have == wanted
        # Nothing was written twice: what was written was also noted as written.
        counts = run.stage(resource).counts
        assert counts == WriteCounts(processed=len(wanted), created=len(wanted))
        assert run.stage(resource).strategy is strategy
    if strategy is SyncStrategy.BULK:
        # Every restart went on from a line that begins where the last checkpoint says.
        downloads = shopify.counters(shop)["download"]
        assert len(downloads["range_starts"]) <= len(moments) + len(Resource)


@pytest.mark.parametrize("where", ["in the export", "early", "late"])
async def test_a_sync_that_is_killed_goes_on_where_it_was(
    store: Store, make_environment: MakeEnvironment, tmp_path: Path, where: str
) -> None:
    moment = {"in the export": 0, "early": 150, "late": 1700}[where]
    with simulator("k:customers=300:products=100:orders=2000", cache=tmp_path) as shopify:
        environment = make_environment(shopify) | {"ECHOSIGNAL_SYNC_BATCH_RECORDS": "50"}
        await check_kills_at([moment], shopify, store, environment)


@pytest.mark.parametrize("strategy", [SyncStrategy.GRAPHQL, SyncStrategy.REST])
async def test_a_sync_by_pages_that_is_killed_goes_on_where_it_was(
    store: Store, make_environment: MakeEnvironment, tmp_path: Path, strategy: SyncStrategy
) -> None:
    spec = "k:customers=200:products=60:orders=600:plan=unmetered"
    with simulator(spec, cache=tmp_path) as shopify:
        environment = make_environment(shopify) | {"ECHOSIGNAL_SYNC_BATCH_RECORDS": "25"}
        await check_kills_at([120, 500], shopify, store, environment, strategy)
        (shop,) = shopify.domains
        pages = sum(-(-count // 25) for count in (200, 60, 600))
        counters = shopify.counters(shop)
        if strategy is SyncStrategy.REST:
            # A count for each resource; for each kill, the pages in flight.
            assert counters["rest"]["requests"] <= pages + len(Resource) + 2 * 3


@pytest.mark.nightly
@pytest.mark.timeout(900)
async def test_twenty_kills_of_a_large_sync_change_nothing(
    store: Store, make_environment: MakeEnvironment, tmp_path: Path
) -> None:
    moments = random.Random().sample(range(26_000), 20)
    spec = "large:customers=5000:products=1000:orders=20000:plan=unmetered"
    with simulator(spec, cache=tmp_path) as shopify:
        await check_kills_at(moments, shopify, store, make_environment(shopify))
