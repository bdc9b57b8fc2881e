"""Reads the rollups of one shop: sums over ranges of days, never raw orders.

Additions are MongoDB's wherever a sum is small and what it is made of is not.
"""

from calendar import monthrange
from collections.abc import AsyncIterator, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from sync_engine.model.kpi.periods import DayRange, Granularity
from sync_engine.model.kpi.rollups import (
    MONTHS,
    Cells,
    RollupKind,
    add_cells,
    exactly,
    without_zeros,
)
from sync_engine.model.kpi.values import SalesSums
from sync_engine.store.codec import Document
from sync_engine.store.failures import store_failures
from sync_engine.store.rollups.documents import (
    BEYOND_DIGITS,
    SALES_FIELDS,
    decode,
    rollup_span,
)
from sync_engine.store.rollups.state import RollupState, RollupStates
from sync_engine.store.scoped import ScopedCollection

_COUNTED = ("orders", "units_sold")
_MONEY = tuple(name for name in SALES_FIELDS if name not in _COUNTED)
_DISTINCT: dict[RollupKind, tuple[str, str | None]] = {
    RollupKind.VISITS: ("customers", "new_customers"),
    RollupKind.VISIT_MONTHS: ("customers", "new_customers"),
    RollupKind.REFUNDED: ("refunded_orders", None),
    RollupKind.REFUNDED_MONTHS: ("refunded_orders", None),
}
_SUMMED = (RollupKind.SALES, RollupKind.VISITS, RollupKind.REFUNDED)


class RollupReader:
    """The rollups of one shop, of the generation that the caller names."""

    def __init__(self, states: RollupStates, rollups: ScopedCollection) -> None:
        """Take the collections as one shop sees them."""
        self._states = states
        self._rollups = rollups

    async def state(self) -> RollupState | None:
        """Return how far the rollups are; None where nothing of the shop was ever written."""
        return await self._states.get()

    async def is_whole(self) -> bool:
        """Whether every order is in the rollups, in days of the time zone that the shop has."""
        state = await self._states.get()
        if state is None:
            return not await self._states.has_orders()
        newest = state.newest
        if newest is not state.shown or not newest.is_complete:
            return False
        return newest.is_of_use(await self._states.timezone())

    async def total(self, generation: int, days: DayRange) -> SalesSums:
        """Return what all days of a range add up to."""
        return (await self._sums(generation, days, None)).get(None, SalesSums())

    async def series(
        self, generation: int, days: DayRange, granularity: Granularity
    ) -> dict[date, SalesSums]:
        """Return what the days of each bucket add up to, by its first day; empty ones are left out.

        Of a bucket at an end only those days count that lie in the range.
        """
        found = await self._sums(generation, days, granularity)
        return {bucket: sums for bucket, sums in found.items() if bucket is not None}

    async def cells(self, generation: int, kind: RollupKind, days: DayRange) -> Cells:
        """Return the sum of a kind's cells over all days of a range."""
        return await self._total(generation, [(kind, days.first, days.last)])

    async def products(self, generation: int, days: DayRange) -> Cells:
        """Return what was sold of each product, from whole months as far as the range has any."""
        return await self._total(generation, _months_and_days(days, RollupKind.PRODUCTS))

    async def cohorts(self, generation: int, days: DayRange) -> dict[str, Cells]:
        """Return the cells of cohorts by the month in which something was bought or given back."""
        months: dict[str, Cells] = {}
        wanted = [(RollupKind.COHORTS, days.first, days.last)]
        async for period, cells in self._read(generation, wanted):
            add_cells(months.setdefault(period[:7], {}), cells)
        return months

    async def all_cells(self, generation: int) -> AsyncIterator[tuple[RollupKind, str, Cells]]:
        """Yield everything of a generation."""
        for kind in RollupKind:
            span = rollup_span(self._rollups.shop, generation, kind)
            async for document in self._rollups.find_by_id(span):
                yield kind, document["_id"]["period"], decode(kind, document)

    async def _total(
        self, generation: int, wanted: Iterable[tuple[RollupKind, date, date]]
    ) -> Cells:
        total: Cells = {}
        async for _, cells in self._read(generation, wanted):
            add_cells(total, cells)
        return without_zeros(total)

    async def _read(
        self, generation: int, wanted: Iterable[tuple[RollupKind, date, date]]
    ) -> AsyncIterator[tuple[str, Cells]]:
        for kind, first, last in wanted:
            with store_failures():
                span = self._span(generation, kind, first, last)
                async for document in self._rollups.find_by_id(span):
                    yield document["_id"]["period"], decode(kind, document)

    def _span(self, generation: int, kind: RollupKind, first: date, last: date) -> Document:
        texts = first.isoformat(), last.isoformat()
        if kind in MONTHS.values():
            texts = texts[0][:7], texts[1][:7]
        return rollup_span(self._rollups.shop, generation, kind, *texts)

    async def _sums(
        self, generation: int, days: DayRange, granularity: Granularity | None
    ) -> dict[date | None, SalesSums]:
        if granularity is None:
            wanted = [each for kind in _SUMMED for each in _months_and_days(days, kind)]
        else:
            wanted = [(kind, days.first, days.last) for kind in _SUMMED]
        spans = [self._span(generation, *each) for each in wanted]
        with store_failures():
            if granularity is Granularity.DAY:
                found = await self._rollups.read_by_id(spans, _OF_ONE_DAY)
            else:
                where = {"$or": [{"_id": span} for span in spans]}
                sums = self._rollups.aggregate(
                    _summing(days, granularity), where=where, is_by_id=True
                )
                found = [document async for document in sums]
        return _by_bucket(found, granularity)


@exactly
def _by_bucket(
    documents: Iterable[Document], granularity: Granularity | None
) -> dict[date | None, SalesSums]:
    buckets: dict[object, dict[str, Any]] = {}
    for document in documents:
        kind, bucket = document["_id"]["kind"], document["_id"].get("period")
        fields = buckets.setdefault(bucket, {})
        if kind in _DISTINCT:
            distinct, first = _DISTINCT[kind]
            fields[distinct] = fields.get(distinct, 0) + document["distinct"]
            if first is not None:
                fields[first] = fields.get(first, 0) + document["first"]
            continue
        for name in _COUNTED:
            fields[name] = fields.get(name, 0) + document[name]
        for name in _MONEY:
            fields[name] = fields.get(name, 0) + Decimal(document[name])
    return {_bucket(bucket, granularity): SalesSums(**fields) for bucket, fields in buckets.items()}


def _distinct(place: object) -> Document:
    """Return how many customers of a day were not there in so many digits' days before."""
    beyond = {"$ifNull": ["$beyond", ""]}
    picked = {"$toInt": {"$substrBytes": [beyond, place, BEYOND_DIGITS]}}
    return {
        "$cond": [{"$lt": [place, {"$strLenBytes": beyond}]}, picked, {"$ifNull": ["$rest", 0]}]
    }


_OF_ONE_DAY = {
    **dict.fromkeys(("_id", *_COUNTED, "first"), 1),
    **{name: {"$toString": f"${name}"} for name in _MONEY},  # which is read ten times as fast
    "distinct": _distinct(0),
}


def _summing(days: DayRange, granularity: Granularity | None) -> list[Document]:
    """Return the stages that add days up, apart for each kind and bucket.

    Of a day's distinct customers those count that were not in the bucket before: it lies so many
    days behind its bucket's first, and at that place ``beyond`` has their number. So has a month's,
    which lies in its bucket as a whole.
    """
    from_first = {"$subtract": ["$day_number", days.first.toordinal()]}
    match granularity:
        case None:
            bucket: object = None
            behind: object = from_first
        case Granularity.WEEK:
            weekday = {"$mod": [{"$add": ["$day_number", 6]}, 7]}
            bucket = {"$subtract": ["$day_number", weekday]}
            behind = {"$min": [from_first, weekday]}
        case _:
            bucket = {"$substrBytes": ["$_id.period", 0, 7]}
            day = {"$toInt": {"$substrBytes": ["$_id.period", 8, 2]}}
            behind = {"$min": [from_first, {"$subtract": [day, 1]}]}
    return [
        {
            "$group": {
                "_id": {"kind": "$_id.kind", "period": bucket},
                **{name: {"$sum": f"${name}"} for name in SALES_FIELDS},
                "first": {"$sum": "$first"},
                "distinct": {"$sum": _distinct({"$multiply": [behind, BEYOND_DIGITS]})},
            }
        }
    ]


def _bucket(found: object, granularity: Granularity | None) -> date | None:
    match granularity:
        case None:
            return None
        case Granularity.WEEK:
            return date.fromordinal(int(str(found)))
        case _:
            text = str(found)
            return date.fromisoformat(text if len(text) > len("2026-10") else f"{text}-01")


def _months_and_days(days: DayRange, kind: RollupKind) -> list[tuple[RollupKind, date, date]]:
    """Return the months that lie in a range as a whole, and the days around them.

    In numbers of days: those before the calendar's first and after its last are no dates.
    """
    first, after = days.first.toordinal(), days.last.toordinal() + 1
    begin, end = first, after
    if days.first.day > 1:
        begin += _length_of_month(days.first) - days.first.day + 1
    if days.last.day < _length_of_month(days.last):
        end -= days.last.day
    if begin >= end:
        return [(kind, days.first, days.last)]
    spans = [(MONTHS[kind], begin, end), (kind, first, begin), (kind, end, after)]
    return [
        (each, date.fromordinal(since), date.fromordinal(until - 1))
        for each, since, until in spans
        if since < until
    ]


def _length_of_month(day: date) -> int:
    return monthrange(day.year, day.month)[1]
