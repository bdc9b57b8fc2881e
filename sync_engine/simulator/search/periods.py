"""Time values in search queries: every one of them names a period.

A year, a month, a day or a second; `>` means after the whole period, `<` before it. A timestamp
loses its time of day unless it is quoted, and days are the shop's.

Source: shopify.dev, "Shopify API search syntax" (date values must be quoted), and the changelog of
2026-10-19 (`>` on a timestamp without fraction excludes the whole second from 2026-10 on; earlier
versions treat it like `>=`). That the same holds for days, months and years is an assumption.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from msgspec import Struct

FOREVER = 1 << 62

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_STAMP = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[T ].*")
_LAST_MONTH = 12


class Period(Struct, frozen=True):
    """From `start` to before `end`, in seconds since 1970."""

    start: int
    end: int

    def bounds(self, comparator: str, *, is_after_exclusive: bool) -> tuple[int, int]:
        """What times match, from the first number to before the second."""
        match comparator:
            case ">":
                return (self.end if is_after_exclusive else self.start), FOREVER
            case ">=":
                return self.start, FOREVER
            case "<":
                return -FOREVER, self.start
            case "<=":
                return -FOREVER, self.end
            case _:
                return self.start, self.end

    def whole_days(self, zone: ZoneInfo) -> "Period":
        """The days of the shop that the period touches."""
        first = datetime.fromtimestamp(self.start, zone).date()
        last = datetime.fromtimestamp(max(self.start, self.end - 1), zone).date()
        return Period(_midnight(first, zone), _midnight(last + timedelta(days=1), zone))


def read_period(value: str, *, is_quoted: bool, zone: ZoneInfo, now: int) -> Period | None:
    """The period that a value names, or None when it names none.

    `now`, in seconds since 1970, is what the value `now` means.
    """
    text = value.strip()
    if text.lower() == "now":
        return Period(now, now + 1)
    stamp = _STAMP.fullmatch(text)
    if stamp is not None and is_quoted:
        return _moment(text, zone)
    match = _DATE.fullmatch(stamp[1] if stamp is not None else text)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        following = _following(first, has_month=month is not None, has_day=day is not None)
    except (ValueError, OverflowError):
        return None
    return Period(_midnight(first, zone), _midnight(following, zone))


def _moment(text: str, zone: ZoneInfo) -> Period | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    seconds = moment.astimezone(UTC).timestamp()
    if moment.microsecond:
        return Period(ceil(seconds), ceil(seconds))
    return Period(int(seconds), int(seconds) + 1)


def _following(first: date, *, has_month: bool, has_day: bool) -> date:
    if has_day:
        return first + timedelta(days=1)
    if has_month and first.month < _LAST_MONTH:
        return first.replace(month=first.month + 1)
    return first.replace(year=first.year + 1, month=1)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())
