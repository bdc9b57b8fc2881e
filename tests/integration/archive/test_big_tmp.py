"""Whatever becomes of archived orders, and whenever a process dies: nothing is lost or doubled."""

from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sync_engine.archive import shelf
from sync_engine.archive.archive import Archive
from sync_engine.kpis.cache import ShopCache
from sync_engine.kpis.reports import KpiReports
from sync_engine.model.filters import OrderSort
from sync_engine.model.kpi.periods import KpiComparison
from sync_engine.model.shop import Shop
from sync_engine.model.shop_change import ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.simulator.generate.calendar import utc
from sync_engine.store.store import Store
from tests.examples import connected_shop, fresh_shop
from tests.integration.archive.archives import (
    NOW,
    Documents,
    archive_in,
    files_in,
    shop_with_archive,
)
from tests.integration.archive.faults import CrashError, at_step, die
from tests.integration.kpis.histories import SPECS, Life, batch_of, simulated
from tests.kpi_reference import KpiReference
from tests.manual_clock import ManualClock
from tests.truth import expected_records


class Twins:
    """One shop stored twice: with an archive, and without one. Both are told the same."""

    def __init__(
        self, store: Store, documents: Documents, folder: Path, archived: Shop, plain: Shop
    ) -> None:
        self.store = store
        self.documents = documents
        self.folder = folder
        self.archived = archived
        self.plain = plain

    def archive(self) -> Archive:
        return archive_in(self.store, self.folder, orders_in_a_part=6)

    async def tell(self, *changes: ShopChange) -> None:
        for shop in (self.archived, self.plain):
            async with self.store.changes(shop.domain) as writer:
                for change in changes:
                    await writer.write(change, now=NOW)

    async def assert_right(self, life: Life, random: Random) -> None:
        """KPIs are the shop's, once all of it has been read anew."""
        await self.tell(*life.everything())
        await self.assert_agreed()
        reference = KpiReference(life.shop)
        days = sorted({reference.day(each.processed_at) for each in reference.orders})
        if days:
            last = random.choice(days)
            await self._assert_totals(reference, max(days[0], last - timedelta(days=700)), last)

    async def assert_agreed(self) -> None:
        """KPIs are the same in both; what is listed is what is whole; nothing is missing."""
        domain = self.archived.domain
        assert await self.store.compare_rollups(domain) == []
        assert await self._cells(self.archived) == await self._cells(self.plain)
        plain = await self.documents.of(self.plain.domain)
        archived = await self.documents.of(domain)
        assert archived.keys() == plain.keys()
        whole = {number: each for number, each in archived.items() if "archived" not in each}
        assert whole == {number: plain[number] for number in whole}
        live = {number for number, each in whole.items() if "deleted_at" not in each}
        reader = self.store.shop(domain).orders
        for sort in OrderSort:
            page = await reader.page(None, sort=sort, reverse=True, first=250)
            assert {item.node.id for item in page.items} == live
        assert await reader.count() == len(live)
        assert (await reader.get_many(plain)).keys() == live
        stubs = archived.keys() - whole.keys()
        known = await reader.versions(after=0, until=2**63 - 1)
        assert known.keys() == live | stubs
        assert known == await self.store.shop(self.plain.domain).orders.versions(
            after=0, until=2**63 - 1
        )

    async def _assert_totals(self, reference: KpiReference, first: date, last: date) -> None:
        clock = ManualClock()
        reports = KpiReports(self.store, ShopCache(clock), clock)
        report = await reports.of(self.archived, first, last, KpiComparison.NONE)
        totals = await report.totals()
        shown = {name: getattr(totals, name) for name in totals.__struct_fields__}
        assert shown == reference.values(first, last)

    async def _cells(self, shop: Shop) -> dict[Any, Any]:
        rollups = self.store.shop(shop.domain).rollups
        state = await rollups.state()
        assert state is not None
        return {
            (kind, period): cells
            async for kind, period, cells in rollups.all_cells(state.shown.number)
        }

    async def moved(self) -> set[int]:
        orders = await self.documents.of(self.archived.domain)
        return {number for number, each in orders.items() if "archived" in each}


@given(spec=SPECS, seed=st.integers(0, 10**6))
@settings(
    max_examples=60,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_nothing_is_lost_or_doubled_whatever_happens_when(
    store: Store,
    documents: Documents,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    spec: dict[str, Any],
    seed: int,
) -> None:
    monkeypatch.setattr(shelf, "_ORDERS_AT_ONCE", 4)
    random, domain = Random(seed), fresh_shop()
    simulation = simulated(domain.split(".")[0], spec | {"start": "2026-05-10"})
    profile = {"currency": spec["currency"], "timezone": spec["timezone"]}
    twins = Twins(
        store,
        documents,
        tmp_path / domain,
        await shop_with_archive(store, domain, **profile),
        await connected_shop(store, fresh_shop(), **profile),
    )
    life = Life(simulation, seed)
    _, products, orders = expected_records(simulation)
    await twins.tell(
        ShopChange(resource=Resource.PRODUCTS, batch=batch_of(list(products), NOW)),
        ShopChange(resource=Resource.ORDERS, batch=batch_of(orders, utc(life.now))),
    )
    for _ in range(3):
        work = random.choice([archive_all, archive_all, restore_some])
        interruption = random.choice(["before", "after", None])
        changes = [change for _ in range(4) for change in life.step()]
        told = {"before": partial(twins.tell, *changes)}  # somebody else writes
        act = told if interruption is None else {interruption: die}
        with (
            suppress(CrashError),
            at_step(monkeypatch, random.randrange(25), **act),
        ):
            await work(twins, random)
        await twins.tell(*changes)
        await twins.assert_agreed()
        for _ in range(random.randrange(6)):
            await twins.tell(*life.step())
        await twins.assert_right(life, random)
    await archive_all(twins, random)
    moved = await twins.moved()
    await twins.assert_right(life, random)
    assert await twins.moved() == moved  # what is told again raises nothing
    listed = {tmp_path / domain / str(part.file) for part in await twins.archive().parts(domain)}
    assert set(files_in(tmp_path / domain)) <= listed  # nothing is left over

    for month in {part.month for part in await twins.archive().parts(domain)}:
        await twins.archive().restore(domain, month)
    assert await twins.moved() == set()
    assert await twins.documents.of(domain) == await twins.documents.of(twins.plain.domain)
    await twins.assert_agreed()
    assert files_in(tmp_path / domain) == []


async def archive_all(twins: Twins, _: Random) -> None:
    await twins.archive().run(twins.archived, takes_restored=True)


async def restore_some(twins: Twins, random: Random) -> None:
    parts = await twins.archive().parts(twins.archived.domain)
    if parts:
        await twins.archive().restore(twins.archived.domain, random.choice(parts).month)
