"""Rollups that an older program wrote are not read: they are built anew, and say so meanwhile."""

from datetime import date
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from sync_engine.kpis.cache import ShopCache
from sync_engine.kpis.keeper import RollupKeeper
from sync_engine.kpis.reports import KpiReports
from sync_engine.model.clock import SystemClock
from sync_engine.model.errors import StoreUnavailableError
from sync_engine.model.kpi.periods import KpiComparison
from sync_engine.model.kpi.values import KpiValues
from sync_engine.model.shop_change import ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import MONDAY, SHOP, batch, connected_shop, order

OF_MONTHS = {"_id.kind": {"$in": ["sales_months", "visit_months"]}}


async def test_after_an_upgrade_figures_are_built_anew(
    store: Store, mongodb_uri: str, database_name: str
) -> None:
    shop = await connected_shop(store)
    clock = SystemClock()

    async def totals() -> KpiValues:
        reports = KpiReports(store, ShopCache(clock), clock)
        days = date(2025, 12, 1), date(2026, 11, 24)
        return await (await reports.of(shop, *days, KpiComparison.NONE)).totals()

    async with store.changes(SHOP) as changes:
        orders = batch(order(1, customer_id=7, processed_at=MONDAY.replace(month=9)))
        await changes.write(ShopChange(resource=Resource.ORDERS, batch=orders), now=MONDAY)
    before = await totals()
    assert (before.orders, before.customers, before.new_customers) == (1, 1, 1)

    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_uri)
    database = client[database_name]
    await database["kpi_rollups"].delete_many(OF_MONTHS)
    await database["kpi_states"].update_one({}, {"$unset": {"generations.0.form": True}})
    client.close()
    with pytest.raises(StoreUnavailableError, match="anew after an upgrade"):
        await totals()

    assert await RollupKeeper(store, holder="test", clock=clock).settle(SHOP)
    assert await totals() == before
