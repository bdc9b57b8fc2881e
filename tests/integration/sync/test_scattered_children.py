"""Children of a bulk export reach their parent wherever in the file they stand.

Also where an older version is stored: what the file brings for the newer one is no part of that.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_engine.engine import Engine
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncMode, SyncState, SyncStrategy, SyncTrigger
from tests.integration.sync.conftest import MakeSettings, connect, opened, sync
from tests.integration.sync.stored_records import stored_records
from tests.simulator_process import Simulator, simulator
from tests.waiting import ended_run

SHOPS = {
    ShopDomain("shuffled.myshopify.com"): "shuffled",
    ShopDomain("children.myshopify.com"): "children_first",
}
SPECS = [
    f"{shop.partition('.')[0]}:seed=4:customers=10:products=30:orders=150:plan=unmetered:jsonl={order}"
    for shop, order in SHOPS.items()
]


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator with a shop for each order of lines."""
    with simulator(*SPECS, cache=simulator_cache, arguments=("--bulk-seconds", "0")) as running:
        yield running


def touch_everything(shopify: Simulator, shop: ShopDomain) -> None:
    truth = shopify.truth(shop)
    records = [("order", each.id) for each in truth.orders()]
    records += [("product", each.id) for each in truth.products()]
    edits = [{"op": "touch", "resource": name, "id": number} for name, number in records]
    shopify.control("POST", f"/shops/{shop}/edits", edits=edits)


async def as_read_for_the_first_time(engine: Engine, shop: ShopDomain) -> object:
    await engine.store.purge(shop)
    await connect(engine, shop)
    assert (await sync(engine, shop, SyncStrategy.GRAPHQL)).state is SyncState.SUCCEEDED
    return await stored_records(engine.store.shop(shop))


@pytest.mark.parametrize(
    ("shop", "mode"), list(zip(SHOPS, [SyncMode.INCREMENTAL, SyncMode.INITIAL], strict=True))
)
async def test_records_that_were_changed_keep_all_their_children(
    shopify: Simulator, make_settings: MakeSettings, shop: ShopDomain, mode: SyncMode
) -> None:
    async with opened(make_settings(shopify, batch_records=15)) as engine:
        await connect(engine, shop)
        await sync(engine, shop, SyncStrategy.BULK)
        touch_everything(shopify, shop)
        run = await sync(engine, shop, SyncStrategy.BULK, mode)
        assert (run.state, run.message) == (SyncState.SUCCEEDED, None)
        found = await stored_records(engine.store.shop(shop))
        again = await sync(engine, shop, SyncStrategy.BULK)  # nothing has changed since
        assert [stage.counts.updated for stage in again.stages] == [0, 0, 0]
        assert found == await stored_records(engine.store.shop(shop))
        assert found == await as_read_for_the_first_time(engine, shop)


async def test_children_of_a_parent_that_cannot_be_read_are_quarantined_with_it(
    shopify: Simulator, make_settings: MakeSettings
) -> None:
    shop = ShopDomain("children.myshopify.com")  # whose orders come after all of their lines
    lines_of_children = sum(len(each.line_items) for each in shopify.truth(shop).orders())
    malformed = {"type": "malform_line", "line": lines_of_children + 1}
    async with opened(make_settings(shopify)) as engine:
        await connect(engine, shop)
        shopify.control("POST", "/faults", kind="download", times=1, action=malformed)
        await engine.start_sync(
            shop,
            mode=SyncMode.INITIAL,
            trigger=SyncTrigger.MANUAL,
            resources=[Resource.ORDERS],
            strategy=SyncStrategy.BULK,
        )
        run = await ended_run(engine.store, shop)
        assert run.state is SyncState.PARTIAL
        page = await engine.store.shop(shop).errors.page(first=100)
        orphans = [each.node for each in page.items if "not the record" in each.node.message]
        assert len(page.items) == len(orphans) + 1 > 1
        assert all('"id":' in str(each.payload) for each in orphans)

        connected = await engine.store.shops.get(shop)
        assert connected is not None
        outcome = await engine.retry_errors(connected, ids=None, run_id=run.id)
        # What was no JSON named nothing that can be read anew.
        assert (outcome.resolved, outcome.still_failing) == (len(orphans), 1)
        found = await stored_records(engine.store.shop(shop))
        assert len(found[2]) == len(list(shopify.truth(shop).orders()))
