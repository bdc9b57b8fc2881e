"""Ranges of days: what is allowed, what they are compared with, how they fall into buckets."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.model.kpi.periods import (
    BadRangeError,
    DayRange,
    Granularity,
    KpiComparison,
    bucket_of,
    buckets,
    checked_range,
    months_before,
    months_between,
    previous_range,
)

TODAY = date(2026, 11, 24)
DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))
EDGES = st.dates(date.min, date(3, 3, 1)) | st.dates(date(9997, 11, 1), date.max)


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        (date(2026, 11, 2), date(2026, 11, 1), "before it begins"),
        (date(2024, 1, 1), date(2026, 1, 1), "732 days"),
        (date(2026, 11, 1), date(2026, 11, 26), "in the future"),
    ],
)
def test_a_range_that_is_none_is_refused_with_the_reason(
    first: date, last: date, reason: str
) -> None:
    with pytest.raises(BadRangeError, match=reason):
        checked_range(first, last, today=TODAY)


def test_two_years_and_tomorrow_are_allowed() -> None:
    assert checked_range(date(2024, 11, 25), date(2026, 11, 25), today=TODAY).days == 731


@given(first=DAYS, length=st.integers(1, 731))
def test_the_previous_period_is_as_long_and_ends_where_the_range_begins(
    first: date, length: int
) -> None:
    given_range = DayRange(first, first + timedelta(days=length - 1))
    before = previous_range(given_range, KpiComparison.PREVIOUS_PERIOD)
    assert before is not None
    assert before.days == length
    assert before.last + timedelta(days=1) == first


def test_the_previous_year_of_a_leap_day_is_the_28th() -> None:
    leap = DayRange(date(2024, 2, 1), date(2024, 2, 29))
    before = previous_range(leap, KpiComparison.PREVIOUS_YEAR)
    assert before == DayRange(date(2023, 2, 1), date(2023, 2, 28))


@given(first=DAYS, length=st.integers(1, 731), granularity=st.sampled_from(Granularity))
def test_buckets_cover_the_range_once_and_in_order(
    first: date, length: int, granularity: Granularity
) -> None:
    given_range = DayRange(first, first + timedelta(days=length - 1))
    found = buckets(given_range, granularity)
    assert found == sorted(set(found))
    days = [first + timedelta(days=number) for number in range(length)]
    assert list(dict.fromkeys(bucket_of(day, granularity) for day in days)) == found


@given(first=EDGES, last=EDGES, today=EDGES, comparison=st.sampled_from(KpiComparison))
def test_at_the_calendars_edges_ranges_are_refused_or_have_what_they_are_compared_with(
    first: date, last: date, today: date, comparison: KpiComparison
) -> None:
    try:
        checked = checked_range(first, last, today=today)
        before = previous_range(checked, comparison)
    except BadRangeError:
        return
    if comparison is KpiComparison.NONE:
        assert before is None
        return
    assert before is not None
    assert before.first < first
    assert before.last < last


@given(month=DAYS.map(lambda day: day.replace(day=1)), count=st.integers(0, 120))
def test_months_before_and_between_are_inverse(month: date, count: int) -> None:
    assert months_between(months_before(month, count), month) == count
