"""Ranges of days: which are allowed, what they are compared with, how they fall into buckets."""

from datetime import date, timedelta
from enum import StrEnum

import msgspec

LONGEST_RANGE_DAYS = 731
"""Two years with a leap day between them."""


class Granularity(StrEnum):
    """How long the steps of a series are; a week is an ISO week, from Monday on."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


class KpiComparison(StrEnum):
    """What the totals of a range are compared with."""

    NONE = "NONE"
    PREVIOUS_PERIOD = "PREVIOUS_PERIOD"
    PREVIOUS_YEAR = "PREVIOUS_YEAR"


class BadRangeError(ValueError):
    """The range is none that a report can be made of; the text says why."""


class DayRange(msgspec.Struct, frozen=True):
    """Whole days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def checked_range(first: date, last: date, *, today: date) -> DayRange:
    """Return the range if a report can be made of it.

    ``today`` is the shop's; a caller who lives further east may be a day ahead of it.

    Raises:
        BadRangeError: it is reversed, too long, or reaches into the future.
    """
    if last < first:
        raise BadRangeError(f"the range ends on {last}, before it begins on {first}")
    given = DayRange(first, last)
    if given.days > LONGEST_RANGE_DAYS:
        message = f"the range has {given.days} days: {LONGEST_RANGE_DAYS} are allowed"
        raise BadRangeError(message)
    if (last - today).days > 1:
        message = f"the range ends on {last}, in the future: today is {today} in the shop"
        raise BadRangeError(message)
    return given


def previous_range(given: DayRange, comparison: KpiComparison) -> DayRange | None:
    """Return what a range is compared with: as many days before it, or the same a year before.

    Raises:
        BadRangeError: that would begin before the calendar does, on 0001-01-01.
    """
    match comparison:
        case KpiComparison.PREVIOUS_PERIOD:
            if given.first.toordinal() <= given.days:
                message = f"the calendar does not have {given.days} days before {given.first}"
                raise BadRangeError(message)
            shift = timedelta(days=given.days)
            return DayRange(given.first - shift, given.last - shift)
        case KpiComparison.PREVIOUS_YEAR:
            if given.first.year == date.min.year:
                raise BadRangeError(f"the calendar does not have a year before {given.first}")
            return DayRange(_year_before(given.first), _year_before(given.last))
        case _:
            return None


def buckets(given: DayRange, granularity: Granularity) -> list[date]:
    """Return the first day of every bucket that the range touches, in order."""
    found: list[date] = []
    for number in range(given.first.toordinal(), given.last.toordinal() + 1):
        start = bucket_of(date.fromordinal(number), granularity)
        if not found or found[-1] != start:
            found.append(start)
    return found


def bucket_of(day: date, granularity: Granularity) -> date:
    """Return the first day of the bucket that a day is in."""
    match granularity:
        case Granularity.WEEK:
            return day - timedelta(days=day.weekday())  # the calendar begins on a Monday
        case Granularity.MONTH:
            return day.replace(day=1)
        case _:
            return day


def months_before(month: date, count: int) -> date:
    """Return the first day of the month that lies this many months before another's."""
    number = max(12, month.year * 12 + month.month - 1 - count)
    return date(number // 12, number % 12 + 1, 1)


def months_between(earlier: date, later: date) -> int:
    """Return how many months one month lies after another."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def _year_before(day: date) -> date:
    year = day.year - 1
    try:
        return day.replace(year=year)
    except ValueError:  # the 29th of February
        return day.replace(year=year, day=28)
