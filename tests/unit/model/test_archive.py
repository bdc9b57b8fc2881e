from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.model.archive import ArchiveError, ArchivePart, due_before, parse_month, part_for

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONES = st.sampled_from(["UTC", "America/New_York", "Pacific/Apia", "America/Santiago"])
TIMES = st.datetimes(datetime(2024, 1, 1), datetime(2026, 3, 1)).map(  # noqa: DTZ001 - it gets one
    lambda moment: moment.replace(tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("after_days", "zone", "expected"),
    [
        (1, "UTC", "2026-11-01T00:00"),
        (24, "UTC", "2026-10-01T00:00"),  # the last of October is 24 days ago, not more
        (23, "UTC", "2026-11-01T00:00"),
        (365, "America/New_York", "2025-11-01T04:00"),
        (24, "Pacific/Apia", "2026-10-31T11:00"),  # where it is the 25th already
    ],
)
def test_a_month_is_due_once_its_last_day_is_old_enough(
    after_days: int, zone: str, expected: str
) -> None:
    due = due_before(NOON, ZoneInfo(zone), after_days)
    assert due == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(orders=st.lists(st.tuples(TIMES, ZONES), min_size=1, max_size=12))
def test_parts_cover_every_order_once_whatever_zone_the_shop_had(
    orders: list[tuple[datetime, str]],
) -> None:
    parts: list[ArchivePart] = []
    for created_at, zone in orders:
        before = due_before(NOON, ZoneInfo(zone), 1)
        part = part_for(created_at, ZoneInfo(zone), before, parts)
        assert part.covers(created_at)
        if part not in parts:
            parts.append(part)
            local = created_at.astimezone(ZoneInfo(zone))
            assert part.month == f"{local:%Y-%m}"
    parts.sort(key=lambda part: part.created_from)
    for earlier, later in pairwise(parts):
        assert earlier.created_from < earlier.created_until <= later.created_from
    assert len({(part.month, part.number) for part in parts}) == len(parts)
    assert all(part.created_until - part.created_from <= timedelta(days=32) for part in parts)


@pytest.mark.parametrize("text", ["2025-13", "2025", "2025-1", "25-01", "2025-01-01", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ArchiveError, match="is not a month"):
        parse_month(text)
