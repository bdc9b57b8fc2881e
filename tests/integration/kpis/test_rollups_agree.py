"""Whatever happens to a shop, and however news of it comes: the rollups are what its orders say."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sync_engine.kpis.cache import ShopCache
from sync_engine.kpis.keeper import RollupKeeper
from sync_engine.kpis.reports import KpiReport, KpiReports
from sync_engine.model.kpi.periods import Granularity, KpiComparison
from sync_engine.model.kpi.values import KpiValues
from sync_engine.model.run import Advance
from sync_engine.model.shop import Shop
from sync_engine.model.sync_enums import Resource
from sync_engine.store.rollups.cells import RollupCells
from sync_engine.store.store import Store
from tests.examples import connected_shop, fresh_shop, run_under_way
from tests.integration.kpis.histories import SPECS, Life, batch_of, exported, simulated
from tests.kpi_reference import KpiReference, channel, country
from tests.manual_clock import ManualClock
from tests.truth import expected_records

NOW = datetime(2026, 12, 24, tzinfo=UTC)


class CrashError(Exception):
    """The process dies."""


async def crashing(monkeypatch: pytest.MonkeyPatch, write: Callable[[], Awaitable[Any]]) -> None:
    """Die in the middle of a write, when the orders are written and some of the rollups too."""
    add = RollupCells.add

    async def die(self: RollupCells, *given: Any) -> None:
        await add(self, *given)
        raise CrashError

    with monkeypatch.context() as patch:
        patch.setattr(RollupCells, "add", die)
        try:
            await write()
        except CrashError:
            return


@given(
    spec=SPECS,
    seed=st.integers(0, 10**6),
    steps=st.integers(0, 25),
    holds_back=st.booleans(),
)
@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_rollups_rebuild_and_brute_force_agree(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    spec: dict[str, Any],
    seed: int,
    steps: int,
    *,
    holds_back: bool,
) -> None:
    domain, random = fresh_shop(), Random(seed)
    simulation = simulated(domain.split(".")[0], spec)
    shop = await connected_shop(store, domain, currency=spec["currency"], timezone=spec["timezone"])
    keeper = RollupKeeper(store, holder="test", clock=ManualClock())
    life = Life(simulation, seed)
    await _import(store, shop, life, random, holds_back=holds_back)
    if random.random() < 0.5:  # a rebuild that others write into
        async with store.rollup_builder(domain) as builder:
            await builder.begin_anew(now=NOW)
            await builder.advance(now=NOW)

    changes = [change for _ in range(steps) for change in life.step()]
    changes += random.choices(changes, k=len(changes) // 3)  # webhooks come twice
    for _ in range(len(changes) // 2):  # and late
        place = random.randrange(len(changes))
        changes.insert(random.randrange(len(changes)), changes.pop(place))
    async with store.changes(domain) as writer:
        for change in [*changes, *life.everything()]:
            if random.random() < 0.2:
                await crashing(monkeypatch, partial(writer.write, change, now=NOW))
            await writer.write(change, now=NOW)
    assert await keeper.settle(domain)

    await _assert_agreed(store, shop, KpiReference(simulation), random)
    before = await _all_cells(store, shop)
    await keeper.rebuild(domain)
    assert await _all_cells(store, shop) == before
    moved = await _moved_to(store, shop, "Pacific/Auckland")
    assert await keeper.settle(domain)
    reference = KpiReference(simulation, "Pacific/Auckland")
    await _assert_agreed(store, moved, reference, random)


async def _import(
    store: Store, shop: Shop, life: Life, random: Random, *, holds_back: bool
) -> None:
    """Bring the shop as it was at the beginning, as an export does."""
    observed_at = datetime(2026, 10, 24, tzinfo=UTC)
    run = await run_under_way(store, shop.domain)
    _, products, orders = expected_records(life.shop)
    async with store.writers(shop.domain) as writers:
        if holds_back:
            await writers.rollups.begin(now=NOW)
        for resource, batches in (
            (Resource.PRODUCTS, [batch_of(list(products), observed_at)]),
            (Resource.ORDERS, exported(orders, observed_at, random)),
        ):
            for batch in batches:
                writer = writers.batches[resource]
                sealed = await writer.seal(batch)
                run = await writer.commit(run, sealed, Advance(now=observed_at))
        if random.random() < 0.5:  # otherwise the worker dies with what it holds back
            await writers.rollups.end()


async def _moved_to(store: Store, shop: Shop, timezone: str) -> Shop:
    return await connected_shop(
        store, shop.domain, currency=shop.profile.currency_code, timezone=timezone
    )


async def _all_cells(store: Store, shop: Shop) -> dict[Any, Any]:
    rollups = store.shop(shop.domain).rollups
    state = await rollups.state()
    if state is None:
        return {}
    return {
        (kind, period): cells async for kind, period, cells in rollups.all_cells(state.shown.number)
    }


async def _assert_agreed(store: Store, shop: Shop, reference: KpiReference, random: Random) -> None:
    assert await store.compare_rollups(shop.domain) == []
    clock = ManualClock()
    reports = KpiReports(store, ShopCache(clock), clock)
    marks = sorted(
        {reference.day(order.processed_at) for order in reference.orders}
        | {
            reference.day(refund.created_at)
            for order in reference.orders
            for refund in order.refunds
        }
        | {date(2026, 11, 20)}
    )
    for _ in range(4):
        last = random.choice(marks)
        first = max(random.choice(marks), last - timedelta(days=730))
        if first > last:
            first, last = last, first
        report = await reports.of(shop, first, last, KpiComparison.PREVIOUS_PERIOD)
        await _assert_report(report, reference, first, last)


async def _assert_report(
    report: KpiReport, reference: KpiReference, first: date, last: date
) -> None:
    assert _shown(await report.totals()) == reference.values(first, last)
    length = (last - first) + timedelta(days=1)
    previous = await report.previous()
    assert previous is not None
    assert _shown(previous) == reference.values(first - length, last - length)
    granularity = Granularity.DAY if length.days < 40 else Granularity.MONTH
    for each in (granularity, Granularity.WEEK):
        if length.days < 200 or each is Granularity.MONTH:
            series = [(start, _shown(values)) for start, values in await report.series(each)]
            assert series == reference.series(first, last, each)
    products = {
        (each.product_id, each.title): {
            "units_sold": each.units_sold,
            "net_sales": each.net_sales,
            "orders": each.orders,
        }
        for each in await report.top_products(10**6, by_units=False)
    }
    assert products == reference.products(first, last)
    for found, key in (
        (await report.by_country(10**6), country),
        (await report.by_channel(10**6), channel),
    ):
        figures = {each.key: {"orders": each.orders, "net_sales": each.net_sales} for each in found}
        assert figures == reference.breakdown(first, last, key)
    for cohort in await report.cohorts(3):
        periods = [(each.active_customers, each.net_sales) for each in cohort.periods]
        assert periods == reference.cohort(cohort.month, last)


def _shown(values: KpiValues) -> dict[str, Any]:
    return {name: getattr(values, name) for name in KpiValues.__struct_fields__}
