"""Figures that add up: what orders and customers contribute to each day, and sums of it.

Everything is a cell: a few numbers under a kind, a period and a key. The figures of any set of
orders are the sum of the cells of each; taking an order out is adding its cells with a minus.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from decimal import Context, Decimal, localcontext
from enum import StrEnum
from functools import wraps
from operator import add
from types import MappingProxyType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

Amount = Decimal | int
CellKey = int | str
Cells = dict[CellKey, list[Amount]]

_DECIMAL128 = Context(prec=34)  # what is summed is stored with as many digits


def exactly(work: Callable[P, T]) -> Callable[P, T]:
    """Let a function calculate with as many digits as MongoDB keeps."""

    @wraps(work)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        with localcontext(_DECIMAL128):
            return work(*args, **kwargs)

    return wrapper


class RollupKind(StrEnum):
    """What is rolled up; the comment says what stands under which key.

    The period is a day of the shop's calendar, 2026-10-31, or a month, 2026-10.
    """

    SALES = "sales"
    """Under 0: orders, units, gross sales, discounts, returns, shipping, taxes, taxes on top of
    prices, adjustments."""
    SALES_MONTHS = "sales_months"
    """The same, of a month."""
    REFUNDED = "refunded"
    """Orders given back something on the day, under the days since they last were; 0: never."""
    REFUNDED_MONTHS = "refunded_months"
    """The same, of a month: under the days between its first and the last time before it."""
    COUNTRIES = "countries"
    """Orders and net sales, under the country."""
    CHANNELS = "channels"
    """Orders and net sales, under the channel."""
    PRODUCTS = "products"
    """Units, net sales and orders, under the product's id, or the title of what is no product."""
    PRODUCT_MONTHS = "product_months"
    """The same, of a month."""
    VISITS = "visits"
    """Customers with an order on the day, under the days since their last before; 0: never."""
    VISIT_MONTHS = "visit_months"
    """The same, of a month: under the days between its first and their last order before it."""
    COHORTS = "cohorts"
    """Under the month of customers' first order: those whose first order of this month is on the
    day, and net sales."""

    __hash__ = str.__hash__  # that of enums is a call for each of millions of look-ups


NEVER = 0
"""The gap where there was nothing before."""

CUSTOMER_KINDS = frozenset({RollupKind.VISITS, RollupKind.VISIT_MONTHS, RollupKind.COHORTS})
"""Those that depend on all orders of a customer together."""

MONTHS = MappingProxyType(
    {
        RollupKind.SALES: RollupKind.SALES_MONTHS,
        RollupKind.PRODUCTS: RollupKind.PRODUCT_MONTHS,
        RollupKind.VISITS: RollupKind.VISIT_MONTHS,
        RollupKind.REFUNDED: RollupKind.REFUNDED_MONTHS,
    }
)
"""What is kept by month as well, so that a year is read from twelve documents."""

_GAPS = frozenset({RollupKind.VISITS, RollupKind.REFUNDED})

Place = tuple[RollupKind, str]


class Rollups:
    """Cells by kind and period. Adding is exact: amounts have 34 digits, as MongoDB keeps them."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._cells: dict[Place, Cells] = {}

    def __iter__(self) -> Iterator[tuple[Place, Cells]]:
        return iter(self._cells.items())

    def __len__(self) -> int:
        return sum(len(cells) for cells in self._cells.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rollups) and self.by_place() == other.by_place()

    __hash__ = None  # type: ignore[assignment]  # they change

    def by_place(self) -> Mapping[Place, Cells]:
        """Return the cells that are not zero, by kind and period."""
        full = {place: _full(cells) for place, cells in self._cells.items()}
        return {place: cells for place, cells in full.items() if cells}

    def add(
        self, kind: RollupKind, period: str, key: CellKey, amounts: list[Amount], sign: int = 1
    ) -> None:
        """Add to a cell, or with -1 take from it; the list becomes the cell's own."""
        if sign != 1:
            amounts = [sign * amount for amount in amounts]
        cells = self._cells.get((kind, period))
        if cells is None:
            self._cells[kind, period] = {key: amounts}
            return
        cell = cells.get(key)
        cells[key] = amounts if cell is None else list(map(add, cell, amounts))

    def add_all(self, kind: RollupKind, period: str, cells: Cells) -> None:
        """Add cells of one kind and period."""
        add_cells(self._cells.setdefault((kind, period), {}), cells)

    def add_months(self) -> None:
        """Add the months of what was added by day, where months are kept; once, at the end."""
        days = [(*place, cells) for place, cells in self._cells.items() if place[0] in MONTHS]
        for kind, day, cells in days:
            of_month = _gaps_of_month(day, cells) if kind in _GAPS else cells
            self.add_all(MONTHS[kind], day[:7], of_month)

    def add_rollups(self, other: "Rollups") -> None:
        """Add everything that the other holds."""
        for (kind, period), cells in other:
            self.add_all(kind, period, cells)


def _gaps_of_month(day: str, cells: Cells) -> Cells:
    """Return the gaps of a day as seen from the first of its month.

    Who was there earlier in the month is counted by the day on which it was.
    """
    since_first = int(day[8:]) - 1
    return {
        gap if gap == NEVER else int(gap) - since_first: amounts
        for gap, amounts in cells.items()
        if gap == NEVER or int(gap) > since_first
    }


def _full(cells: Cells) -> Cells:
    return {key: amounts for key, amounts in cells.items() if any(amounts)}


@exactly
def add_cells(total: Cells, cells: Cells) -> None:
    """Add cells to others, in place; those that are added stay as they are."""
    for key, amounts in cells.items():
        known = total.get(key)
        total[key] = list(amounts if known is None else map(add, known, amounts))


def without_zeros(cells: Cells) -> Cells:
    """Return the cells that do not come to nothing."""
    return _full(cells)


def local_day(moment: datetime, zone: tzinfo) -> str:
    """Return the day of the shop's calendar that a moment falls on: 2026-10-31."""
    return moment.astimezone(zone).date().isoformat()
