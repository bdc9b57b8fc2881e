"""An incremental sync, over whatever road, ends where a first sync would have ended now."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sync_engine.engine import Engine
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import SyncMode, SyncState, SyncStrategy
from tests.integration.sync.conftest import MakeSettings, connect, opened, sync
from tests.integration.sync.stored_records import stored_records
from tests.simulator_process import Simulator, simulator

SPEC = "moving:seed=9:customers=70:products=40:orders=160:plan=unmetered:timezone=Pacific/Apia"
SHOP = ShopDomain("moving.myshopify.com")


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
        run = await sync(running, SHOP)
        assert run.state is SyncState.SUCCEEDED
        yield running


def edit(shopify: Simulator) -> None:
    """Change some of everything, and add some."""
    shop = shopify.truth(SHOP)
    orders = list(shop.orders())
    refundable = next(each for each in orders[1:] if each.financial_status == "PAID")
    edits: list[dict[str, Any]] = [
        {"op": "update", "resource": "order", "id": orders[0].id, "set": {"tags": ["b", "a"]}},
        {"op": "refund", "id": refundable.id, "all_lines": True},
        {"op": "create", "resource": "order", "count": 3},
        {"op": "update", "resource": "product", "id": shop.product(3).id, "set": {"title": "New"}},
        {"op": "add_variants", "product_id": shop.product(5).id, "count": 2},
        {"op": "create", "resource": "product", "count": 2},
        {"op": "touch", "resource": "customer", "id": shop.customer(1).id},
        {
            "op": "update",
            "resource": "customer",
            "id": shop.customer(2).id,
            "set": {"first_name": "", "email": None},
        },
        {"op": "create", "resource": "customer", "count": 2},
    ]
    shopify.control("POST", f"/shops/{SHOP}/edits", edits=edits)


@pytest.mark.parametrize("strategy", [None, *SyncStrategy])
async def test_what_was_changed_is_brought_up_to_date_and_little_else_is_read(
    engine: Engine,
    shopify: Simulator,
    strategy: SyncStrategy | None,
) -> None:
    edit(shopify)
    run = await sync(engine, SHOP, strategy, SyncMode.INCREMENTAL)
    assert (run.state, run.message) == (SyncState.SUCCEEDED, None)
    assert [stage.counts.created for stage in run.stages] == [2, 2, 3]
    assert [stage.counts.updated for stage in run.stages] == [2, 2, 2]
    for stage in run.stages:
        assert stage.counts.processed < 20
        assert stage.total == stage.counts.processed

    found = await stored_records(engine.store.shop(SHOP))
    await engine.store.purge(SHOP)
    await connect(engine, SHOP)
    await sync(engine, SHOP)
    assert found == await stored_records(engine.store.shop(SHOP))


async def test_a_sync_of_changes_that_was_never_preceded_by_one_of_everything_reads_everything(
    shopify: Simulator, make_settings: MakeSettings
) -> None:
    async with opened(make_settings(shopify)) as engine:
        await connect(engine, SHOP)
        run = await sync(engine, SHOP, SyncStrategy.GRAPHQL, SyncMode.INCREMENTAL)
        assert [stage.counts.created for stage in run.stages] == [70, 40, 160]
        again = await sync(engine, SHOP, SyncStrategy.GRAPHQL, SyncMode.INCREMENTAL)
        assert [stage.counts.processed for stage in again.stages] == [0, 0, 0]
