from zoneinfo import ZoneInfo

import pytest

from sync_engine.simulator.search.periods import Period, read_period
from sync_engine.simulator.search.syntax import And, Node, Not, Or, Term, parse


def term(field: str | None, value: str, comparator: str = "", *, quoted: bool = False) -> Term:
    return Term(field, comparator, value, quoted)


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("", And(())),
        ("snow board", And((term(None, "snow"), term(None, "board")))),
        ("status:open", term("status", "open")),
        ("status: open", And((term("status", ""), term(None, "open")))),
        ("id:>=5", term("id", "5", ">=")),
        ("id:>5 id:<9", And((term("id", "5", ">"), term("id", "9", "<")))),
        ("a OR b AND c", Or((term(None, "a"), And((term(None, "b"), term(None, "c")))))),
        ("(a OR b) c", And((Or((term(None, "a"), term(None, "b"))), term(None, "c")))),
        ("-tag:vip", Not(term("tag", "vip"))),
        ("NOT tag:vip", Not(term("tag", "vip"))),
        ("tag:'so it goes'", term("tag", "so it goes", quoted=True)),
        ('tag:"so it goes"', term("tag", "so it goes", quoted=True)),
        (r"tag:'it\'s late'", term("tag", "it's late", quoted=True)),
        ("updated_at:>='2026-11-23T10:00:00Z'",
         term("updated_at", "2026-11-23T10:00:00Z", ">=", quoted=True)),
        ("updated_at:>=2026-11-23T10:00:00Z", term("updated_at", "2026-11-23T10:00:00Z", ">=")),
        ("'unclosed", term(None, "unclosed", quoted=True)),
        ("a) b", And((term(None, "a"), term(None, "b")))),
        ("(a", term(None, "a")),
        ("- a", And((term(None, "-"), term(None, "a")))),
    ],
)  # fmt: skip
def test_queries_are_read_as_shopify_reads_them(query: str, tree: Node) -> None:
    assert parse(query) == tree


DAY = 86_400
NOV_23 = 1_795_392_000  # 2026-11-23T00:00:00Z
NEW_YORK_HOURS = 5


@pytest.mark.parametrize(
    ("value", "quoted", "start", "end"),
    [
        ("2026-11-23T10:00:00Z", True, NOV_23 + 36_000, NOV_23 + 36_001),
        ("2026-11-23T10:00:00+02:00", True, NOV_23 + 28_800, NOV_23 + 28_801),
        ("2026-11-23T10:00:00", True, NOV_23 + 54_000, NOV_23 + 54_001),
        ("2026-11-23T10:00:00.250Z", True, NOV_23 + 36_001, NOV_23 + 36_001),
        # the time of day is lost without quotes, and days are the shop's
        ("2026-11-23T10:00:00Z", False, NOV_23 + 18_000, NOV_23 + DAY + 18_000),
        ("2026-11-23", True, NOV_23 + 18_000, NOV_23 + DAY + 18_000),
        ("2026-11-23", False, NOV_23 + 18_000, NOV_23 + DAY + 18_000),
        ("2026-12", False, 1_796_101_200, 1_798_779_600),
        ("2026", False, 1_767_243_600, 1_798_779_600),
        ("now", False, 77, 78),
    ],
)
def test_time_values_name_periods(value: str, start: int, end: int, *, quoted: bool) -> None:
    zone = ZoneInfo("America/New_York")
    assert read_period(value, is_quoted=quoted, zone=zone, now=77) == Period(start, end)


@pytest.mark.parametrize("value", ["", "soon", "2026-13-01", "2026-02-30", "0000", "12:30"])
def test_other_values_name_none(value: str) -> None:
    assert read_period(value, is_quoted=True, zone=ZoneInfo("UTC"), now=0) is None


@pytest.mark.parametrize(
    ("comparator", "is_after_exclusive", "matching"),
    [
        ("", True, [2]),
        (">=", True, [2, 3]),
        (">", True, [3]),
        (">", False, [2, 3]),
        ("<", True, [1]),
        ("<=", True, [1, 2]),
    ],
)
def test_comparators_stand_before_in_or_after_the_period(
    comparator: str, matching: list[int], *, is_after_exclusive: bool
) -> None:
    low, high = Period(2, 3).bounds(comparator, is_after_exclusive=is_after_exclusive)
    assert [moment for moment in (1, 2, 3) if low <= moment < high] == matching
