"""Cells as documents and back: one document per shop, generation, kind and period.

Sales stand in fields, so that MongoDB adds up days; visits as text from which it picks, for any
range, how many customers of a day were not seen in the range before; everything else as columns,
with amounts as text: they are read by the thousand, and never added up by MongoDB.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from sync_engine.model.kpi.rollups import NEVER, Amount, CellKey, Cells, RollupKind
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.codec import Document, stored_amount

LONGEST_RANGE_DAYS = 731
"""Of ranges longer than this, distinct customers and orders cannot be told."""

DAY_LENGTH = len("2026-10-31")
BEYOND_DIGITS = 7
"""How many digits each number in ``beyond`` has."""

SALES_FIELDS = (
    "orders",
    "units_sold",
    "gross_sales",
    "discounts",
    "returns",
    "shipping",
    "taxes",
    "taxes_on_top",
    "adjustments",
)


def rollup_id(shop: ShopDomain, generation: int, kind: RollupKind, period: str) -> Document:
    """Return the primary key; the periods of a kind are neighbours, in order."""
    return {"shop_id": shop, "generation": generation, "kind": kind.value, "period": period}


def rollup_span(
    shop: ShopDomain, generation: int, kind: RollupKind, first: str = "", last: str = "~"
) -> Document:
    """Return the condition on the primary key for the periods of a kind, both ends included."""
    return {
        "$gte": rollup_id(shop, generation, kind, first),
        "$lte": rollup_id(shop, generation, kind, last),
    }


def encode(
    shop: ShopDomain, generation: int, kind: RollupKind, period: str, cells: Cells
) -> Document:
    """Return the document of cells."""
    first_day = date.fromisoformat(period if len(period) == DAY_LENGTH else f"{period}-01")
    document: Document = {
        "_id": rollup_id(shop, generation, kind, period),
        "shop_id": shop,
        "day_number": first_day.toordinal(),
    }
    return document | _FORMS[kind].write(cells)


def decode(kind: RollupKind, document: Document) -> Cells:
    """Return the cells of a document, as they were encoded."""
    return _FORMS[kind].read(document)


@dataclass(frozen=True, slots=True)
class _Form:
    write: Callable[[Cells], Document]
    read: Callable[[Document], Cells]


def _write_sales(cells: Cells) -> Document:
    return {name: _plain(amount) for name, amount in zip(SALES_FIELDS, cells[0], strict=True)}


def _read_sales(document: Document) -> Cells:
    return {0: [document[name] for name in SALES_FIELDS]}


def _write_gaps(cells: Cells) -> Document:
    """Write counts by gap as ``beyond``: at place k, how many have a gap of more than k days.

    Who was never there before, or longer ago than any range, is beyond every gap and stands in
    ``rest``; ``first`` are those that were never there before.
    """
    counts = {int(gap): int(amounts[0]) for gap, amounts in cells.items()}
    first = counts.pop(NEVER, 0)
    long_ago = sum(number for gap, number in counts.items() if gap >= LONGEST_RANGE_DAYS)
    rest = first + long_ago
    longest = max((gap for gap in counts if gap < LONGEST_RANGE_DAYS), default=0)
    falling = [counts.get(gap, 0) for gap in range(longest, 0, -1)]
    beyond = [rest + number for number in accumulate(falling)][::-1]
    digits = "".join(f"{number:0{BEYOND_DIGITS}d}" for number in beyond)
    # Gaps longer than any range are told apart nowhere but in a later change of the day.
    older = {str(gap): number for gap, number in counts.items() if gap >= LONGEST_RANGE_DAYS}
    return {"first": first, "rest": rest, "beyond": digits, "older": older}


def _read_gaps(document: Document) -> Cells:
    cells: Cells = {}
    if document["first"]:
        cells[NEVER] = [document["first"]]
    text = document["beyond"]
    numbers = [
        int(text[place : place + BEYOND_DIGITS]) for place in range(0, len(text), BEYOND_DIGITS)
    ]
    numbers.append(document["rest"])
    for gap in range(1, len(numbers)):
        if number := numbers[gap - 1] - numbers[gap]:
            cells[gap] = [number]
    for gap, number in document["older"].items():
        cells[int(gap)] = [number]
    return cells


def _columns(*names: str, money: str = "net_sales") -> _Form:
    """Return the form of cells in columns: the keys, and one list for each of their numbers."""

    def write(cells: Cells) -> Document:
        numbers = sorted([key for key in cells if isinstance(key, int)])
        keys: list[CellKey] = [*numbers, *sorted([key for key in cells if isinstance(key, str)])]
        columns = zip(*map(cells.__getitem__, keys), strict=True)
        document: Document = {"keys": keys}
        for name, column in zip(names, columns, strict=True):
            document[name] = list(map(str, column)) if name == money else column
        return document

    def read(document: Document) -> Cells:
        columns = (
            map(Decimal, document[name]) if name == money else document[name] for name in names
        )
        rows = zip(*columns, strict=True)
        return {key: list(row) for key, row in zip(document["keys"], rows, strict=True)}

    return _Form(write, read)


def _plain(amount: Amount) -> object:
    return stored_amount(amount) if isinstance(amount, Decimal) else amount


_GAPS = _Form(_write_gaps, _read_gaps)
_BREAKDOWN = _columns("orders", "net_sales")
_PRODUCTS = _columns("units_sold", "net_sales", "orders")
_FORMS: Mapping[RollupKind, _Form] = {
    RollupKind.SALES: _Form(_write_sales, _read_sales),
    RollupKind.SALES_MONTHS: _Form(_write_sales, _read_sales),
    RollupKind.REFUNDED: _GAPS,
    RollupKind.REFUNDED_MONTHS: _GAPS,
    RollupKind.COUNTRIES: _BREAKDOWN,
    RollupKind.CHANNELS: _BREAKDOWN,
    RollupKind.PRODUCTS: _PRODUCTS,
    RollupKind.PRODUCT_MONTHS: _PRODUCTS,
    RollupKind.VISITS: _GAPS,
    RollupKind.VISIT_MONTHS: _GAPS,
    RollupKind.COHORTS: _columns("customers", "net_sales"),
}
