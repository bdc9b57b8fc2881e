"""KPIs over the API: what the simulated shop's own orders say, fresh as soon as they change."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from config.settings import Settings
from sync_engine.model.access import ViewerScope
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.store import Store
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller, MakeCaller
from tests.integration.gateway.sockets import subscribed
from tests.kpi_reference import KpiReference, channel, country
from tests.simulator_process import Simulator, simulator
from tests.waiting import ended_run, until

SHOP = ShopDomain("figures.myshopify.com")
TOKEN = "shpat_of_the_figures_shop"
CONNECT = """mutation($token: String!, $domain: ShopDomain!) {
    connectShop(input: {domain: $domain, accessToken: $token}) { userErrors { message } } }"""
VALUES = """orders unitsSold grossSales discounts returns netSales shipping taxes adjustments
    totalSales averageOrderValue customers newCustomers returningCustomers returningCustomerRate
    refundedOrders"""
REPORT = f"""query($range: DateRangeInput!) {{ shop(domain: "{SHOP}") {{
    kpis(range: $range, compareTo: PREVIOUS_YEAR) {{
        from until currencyCode ianaTimezone taxesIncluded freshAsOf
        totals {{ {VALUES} }} previous {{ {VALUES} }}
        series(granularity: MONTH) {{ date values {{ orders netSales customers }} }}
        topProducts(first: 250) {{ productId title unitsSold netSales orders }}
        salesByCountry(first: 250) {{ key orders netSales }}
        salesByChannel(first: 250) {{ key orders netSales }}
        cohorts(months: 3) {{ month customers periods {{ activeCustomers netSales }} }} }} }} }}"""
TOTALS = f"""query($range: DateRangeInput!) {{ shop(domain: "{SHOP}") {{
    kpis(range: $range) {{ totals {{ orders returns refundedOrders }} }} }} }}"""
AVERAGE = f"""query($range: DateRangeInput!) {{ shop(domain: "{SHOP}") {{
    kpis(range: $range) {{ currencyCode totals {{ grossSales averageOrderValue }} }} }} }}"""
COMPARED = f"""query($range: DateRangeInput!, $with: KpiComparison!) {{ shop(domain: "{SHOP}") {{
    kpis(range: $range, compareTo: $with) {{ totals {{ orders }} previous {{ orders }} }} }} }}"""
UPDATES = f'subscription {{ kpisUpdated(shop: "{SHOP}") {{ shop {{ domain }} days at }} }}'
CURRENCIES = f'subscription {{ kpisUpdated(shop: "{SHOP}") {{ shop {{ currencyCode }} days }} }}'


@pytest.fixture(scope="module")
def running_shopify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Yield a simulator with a shop of two years."""
    spec = (
        f"figures:customers=60:products=30:orders=250:token={TOKEN}:plan=unmetered:currency=KWD"
        ":timezone=Asia/Kathmandu"
    )
    cache = tmp_path_factory.mktemp("exports")
    with simulator(spec, cache=cache, arguments=("--bulk-seconds", "0")) as running:
        yield running


@pytest_asyncio.fixture
async def synced(operator: Caller, store: Store, shopify: Simulator) -> AsyncIterator[Simulator]:
    """Connect the shop, read it whole and wait until Shopify sends its webhooks."""
    await operator.data(CONNECT, domain=SHOP, token=TOKEN)
    await ended_run(store, SHOP)

    async def is_subscribed() -> bool:
        return len(shopify.control("GET", f"/shops/{SHOP}/subscriptions")) >= 15

    await until(is_subscribed)
    yield shopify


async def test_a_report_says_what_the_orders_of_the_shop_come_to(
    operator: Caller, synced: Simulator
) -> None:
    reference = KpiReference(synced.truth(SHOP))
    first, last = date(2025, 11, 10), date(2026, 10, 31)
    given = {"from": str(first), "until": str(last)}
    report = (await operator.data(REPORT, range=given))["shop"]["kpis"]
    assert report["from"], report["until"] == tuple(given.values())
    assert report["currencyCode"] == "KWD"
    assert report["ianaTimezone"] == "Asia/Kathmandu"
    assert report["totals"] == shown(reference.values(first, last))
    before = reference.values(date(2024, 11, 10), date(2025, 10, 31))
    assert report["previous"] == shown(before)
    assert [each["date"] for each in report["series"]][:2] == ["2025-11-01", "2025-12-01"]
    months = {each["date"]: each["values"] for each in report["series"]}
    for month, figures in reference.series(first, last, "MONTH"):
        wanted = {name: figures[name] for name in ("orders", "net_sales", "customers")}
        assert months[str(month)] == shown(wanted)
    products = reference.products(first, last)
    assert {(each.pop("productId"), each.pop("title")): each for each in report["topProducts"]} == {
        (None if number is None else f"gid://shopify/Product/{number}", title): shown(each)
        for (number, title), each in products.items()
    }
    for name, key in (("salesByCountry", country), ("salesByChannel", channel)):
        wanted = reference.breakdown(first, last, key)
        assert {each.pop("key"): each for each in report[name]} == {
            key: shown(each) for key, each in wanted.items()
        }
    assert [each["month"] for each in report["cohorts"]] == [
        "2026-08-01",
        "2026-09-01",
        "2026-10-01",
    ]
    for cohort in report["cohorts"]:
        assert [
            (each["activeCustomers"], Decimal(each["netSales"])) for each in cohort["periods"]
        ] == reference.cohort(date.fromisoformat(cohort["month"]), last)


async def test_a_webhook_is_in_the_figures_within_a_second(
    operator: Caller, synced: Simulator, settings: Settings
) -> None:
    whole = [each for each in synced.truth(SHOP).orders() if not each.refunds and not each.is_test]
    zone = KpiReference(synced.truth(SHOP)).zone
    delays = []
    async with subscribed(settings, OPERATOR_TOKEN, UPDATES) as updates:
        for number, order in enumerate(whole[:4], start=1):
            next_update = asyncio.ensure_future(anext(updates))
            await operator.data("{ viewer { kind } }")  # the gateway has both by then
            yesterday = datetime.now(zone).date() - timedelta(days=1)
            refund = {"op": "refund", "id": order.id, "all_lines": True}
            sent_at = asyncio.get_running_loop().time()
            synced.control("POST", f"/shops/{SHOP}/edits", edits=[refund])
            async with asyncio.timeout(30):
                update = (await next_update)["kpisUpdated"]
            delays.append(asyncio.get_running_loop().time() - sent_at)
            assert update["shop"] == {"domain": SHOP}
            given = {"from": str(yesterday), "until": update["days"][-1]}
            totals = (await operator.data(TOTALS, range=given))["shop"]["kpis"]["totals"]
            assert totals["refundedOrders"] == number
            assert Decimal(totals["returns"]) > 0
    assert min(delays) < 1  # the stream itself tells of changes once a second


async def test_another_currency_is_told_and_shown_at_once(
    operator: Caller, synced: Simulator, store: Store, settings: Settings
) -> None:
    del synced
    shop = await store.shops.get(SHOP)
    assert shop is not None
    given = {"from": "2025-11-10", "until": "2026-10-31"}
    before = (await operator.data(AVERAGE, range=given))["shop"]["kpis"]
    async with subscribed(settings, OPERATOR_TOKEN, CURRENCIES) as updates:
        next_update = asyncio.ensure_future(anext(updates))
        await operator.data("{ viewer { kind } }")  # the gateway has both by then
        profile = msgspec.structs.replace(shop.profile, currency_code="JPY")
        await store.shops.save_profile(SHOP, profile, shop.granted_scopes)
        async with asyncio.timeout(30):
            update = (await next_update)["kpisUpdated"]
    assert update == {"shop": {"currencyCode": "JPY"}, "days": []}
    after = (await operator.data(AVERAGE, range=given))["shop"]["kpis"]
    assert (before["currencyCode"], after["currencyCode"]) == ("KWD", "JPY")
    was, now = before["totals"], after["totals"]
    assert now["grossSales"] == was["grossSales"]  # nothing is converted
    rounded = Decimal(was["averageOrderValue"]).quantize(Decimal(1))
    assert Decimal(now["averageOrderValue"]) == rounded
    assert "." not in now["averageOrderValue"]


async def test_bad_ranges_and_callers_without_the_scope_are_refused_in_words(
    operator: Caller, synced: Simulator, make_caller: MakeCaller
) -> None:
    del synced
    for since, last, reason in (
        ("2026-10-02", "2026-10-01", "before it begins"),
        ("2024-01-01", "2026-01-01", "731 are allowed"),
        ("2098-01-01", "2099-01-01", "in the future"),
    ):
        (error,) = await operator.errors(TOTALS, range={"from": since, "until": last})
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert reason in error["message"]
    given = {"from": "2026-10-01", "until": "2026-10-31"}
    without = await make_caller(SHOP, ViewerScope.READ_DATA)
    assert await without.code(TOTALS, range=given) == "FORBIDDEN"
    allowed = await make_caller(SHOP, ViewerScope.READ_KPIS)
    assert (await allowed.data(TOTALS, range=given))["shop"]["kpis"]["totals"]["orders"] > 0


async def test_where_the_calendar_begins_there_are_zeros_and_nothing_before(
    operator: Caller, synced: Simulator
) -> None:
    del synced
    first_month = {"from": "0001-01-01", "until": "0001-01-31"}
    kpis = (await operator.data(TOTALS, range=first_month))["shop"]["kpis"]
    assert kpis["totals"]["orders"] == 0
    second_year = {"from": "0002-01-01", "until": "0002-01-31"}
    compared = await operator.data(COMPARED, range=second_year, **{"with": "PREVIOUS_YEAR"})
    assert compared["shop"]["kpis"] == {"totals": {"orders": 0}, "previous": {"orders": 0}}
    for comparison, reason in (("PREVIOUS_PERIOD", "31 days"), ("PREVIOUS_YEAR", "a year")):
        (error,) = await operator.errors(COMPARED, range=first_month, **{"with": comparison})
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert f"the calendar does not have {reason} before 0001-01-01" in error["message"]


def shown(figures: dict[str, Any]) -> dict[str, Any]:
    """Return figures as the API names and writes them, in a shop of three decimals."""
    return {
        "".join([name.split("_")[0], *(part.title() for part in name.split("_")[1:])]): (
            f"{value:.3f}" if isinstance(value, Decimal) else value
        )
        for name, value in figures.items()
    }
