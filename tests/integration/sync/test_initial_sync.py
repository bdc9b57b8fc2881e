"""The first sync: what is stored equals what the shop holds, field by field."""

from pathlib import Path

import pytest

from sync_engine.model.sync_enums import Resource, SyncPhase, SyncState, SyncStrategy
from tests.integration.sync.conftest import MakeSettings, connect, opened, sync
from tests.integration.sync.stored_records import stored_records
from tests.simulator_process import simulator
from tests.truth import expected_records

DOLLAR = "dollar:seed=1:customers=120:products=40:orders=300"
YEN = (
    "yen:seed=2:customers=80:products=30:orders=250:timezone=Asia/Tokyo:currency=JPY"
    ":country=JP:taxes_included=true:jsonl=shuffled"
)
DINAR = (
    "dinar:seed=3:customers=60:products=25:orders=200:timezone=Asia/Kuwait:currency=KWD"
    ":country=KW:jsonl=children_first"
)


async def test_stored_documents_equal_the_shop_field_by_field(
    make_settings: MakeSettings, simulator_cache: Path
) -> None:
    with simulator(DOLLAR, YEN, DINAR, cache=simulator_cache) as shopify:
        async with opened(make_settings(shopify)) as engine:
            for shop in shopify.domains:
                await connect(engine, shop)
                run = await sync(engine, shop)
                assert (run.state, run.message) == (SyncState.SUCCEEDED, None)
                truth = shopify.truth(shop)
                expected = expected_records(truth)
                found = await stored_records(engine.store.shop(shop))
                for resource, wanted, have in zip(Resource, expected, found, strict=True):
                    assert have == wanted, resource
                    stage = run.stage(resource)
                    assert stage.phase is SyncPhase.DONE
                    assert stage.strategy is SyncStrategy.BULK
                    assert stage.counts.created == stage.total == len(wanted)
                profile = await engine.store.shops.get(shop)
                assert profile is not None
                assert profile.profile.currency_code == truth.currency.code
                assert profile.profile.iana_timezone == truth.spec.timezone
                assert set(profile.synced_through) == set(Resource)


async def test_a_second_sync_finds_everything_unchanged(
    make_settings: MakeSettings, simulator_cache: Path
) -> None:
    with simulator(DOLLAR, cache=simulator_cache) as shopify:
        (shop,) = shopify.domains
        async with opened(make_settings(shopify)) as engine:
            await connect(engine, shop)
            await sync(engine, shop)
            before = await stored_records(engine.store.shop(shop))
            run = await sync(engine, shop)
            assert run.state is SyncState.SUCCEEDED
            for stage in run.stages:
                assert stage.counts.unchanged == stage.counts.processed == stage.total
            assert await stored_records(engine.store.shop(shop)) == before


@pytest.mark.parametrize("empty", ["customers", "products", "orders"])
async def test_a_shop_without_records_of_a_kind_syncs(
    make_settings: MakeSettings, simulator_cache: Path, empty: str
) -> None:
    counts = {"customers": 5, "products": 5, "orders": 5} | {empty: 0}
    spec = "small:" + ":".join(f"{name}={count}" for name, count in counts.items())
    with simulator(spec, cache=simulator_cache) as shopify:
        (shop,) = shopify.domains
        async with opened(make_settings(shopify)) as engine:
            await connect(engine, shop)
            run = await sync(engine, shop)
            assert run.state is SyncState.SUCCEEDED
            assert run.fraction == 1.0
            assert {
                stage.resource.lower(): stage.counts.processed for stage in run.stages
            } == counts
