"""Ranges where the calendar begins and where it ends: figures, or a refusal that says why."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sync_engine.kpis.cache import ShopCache
from sync_engine.kpis.reports import KpiReports
from sync_engine.model.kpi.periods import BadRangeError, Granularity, KpiComparison
from sync_engine.model.shop_change import ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import MONDAY, SHOP, batch, connected_shop, order
from tests.manual_clock import ManualClock

FIRST_DAY = datetime(1, 1, 1, 12, tzinfo=UTC)
LAST_DAYS = (datetime(9999, 12, 30, 12, tzinfo=UTC), datetime(9999, 12, 31, 12, tzinfo=UTC))
EDGES = st.dates(date.min, date(3, 3, 1)) | st.dates(date(9997, 11, 1), date.max)


class LastClock(ManualClock):
    """A clock that stands on the calendar's last day."""

    def now(self) -> datetime:
        return LAST_DAYS[-1]


@given(
    first=EDGES,
    length=st.integers(1, 732),
    comparison=st.sampled_from(KpiComparison),
    granularity=st.sampled_from(Granularity),
)
@example(
    first=date(1, 1, 1), length=31, comparison=KpiComparison.NONE, granularity=Granularity.WEEK
)
@example(
    first=date(9999, 12, 1), length=31, comparison=KpiComparison.NONE, granularity=Granularity.MONTH
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_every_range_is_answered_or_refused(
    store: Store,
    first: date,
    length: int,
    comparison: KpiComparison,
    granularity: Granularity,
) -> None:
    shop = await connected_shop(store, timezone="UTC")
    days = (FIRST_DAY, *LAST_DAYS)
    async with store.changes(SHOP) as changes:
        orders = [order(number, processed_at=day) for number, day in enumerate(days, 1)]
        await changes.write(ShopChange(resource=Resource.ORDERS, batch=batch(*orders)), now=MONDAY)
    clock = LastClock()
    reports = KpiReports(store, ShopCache(clock), clock)
    last = date.fromordinal(min(first.toordinal() + length - 1, date.max.toordinal()))
    if (last - first).days >= 731 or _begins_before_the_calendar(first, last, comparison):
        with pytest.raises(BadRangeError):
            await reports.of(shop, first, last, comparison)
        return
    report = await reports.of(shop, first, last, comparison)
    wanted = sum(first <= day.date() <= last for day in days)
    assert (await report.totals()).orders == wanted
    series = await report.series(granularity)
    assert sum(values.orders for _, values in series) == wanted
    before = await report.previous()
    assert (before is None) is (comparison is KpiComparison.NONE)
    for cohort in await report.cohorts(60):
        assert cohort.customers == 0
    assert await report.top_products(10, by_units=False) == []
    assert sum(each.orders for each in await report.by_country(10)) == wanted
    assert sum(each.orders for each in await report.by_channel(10)) == wanted


@pytest.mark.parametrize(
    ("first", "last", "comparison", "reason"),
    [
        (date(1, 1, 1), date(1, 1, 31), KpiComparison.PREVIOUS_PERIOD, "31 days before 0001-01-01"),
        (date(1, 1, 31), date(1, 3, 2), KpiComparison.PREVIOUS_PERIOD, "31 days before 0001-01-31"),
        (date(1, 12, 31), date(2, 1, 1), KpiComparison.PREVIOUS_YEAR, "a year before 0001-12-31"),
    ],
)
async def test_what_would_begin_before_the_calendar_is_refused_in_words(
    store: Store, first: date, last: date, comparison: KpiComparison, reason: str
) -> None:
    shop = await connected_shop(store)
    clock = ManualClock()
    with pytest.raises(BadRangeError, match=f"the calendar does not have {reason}"):
        await KpiReports(store, ShopCache(clock), clock).of(shop, first, last, comparison)


def _begins_before_the_calendar(first: date, last: date, comparison: KpiComparison) -> bool:
    match comparison:
        case KpiComparison.PREVIOUS_PERIOD:
            return first - date.min < last - first + timedelta(days=1)
        case KpiComparison.PREVIOUS_YEAR:
            return first.year == 1
        case _:
            return False
