"""Cells survive being documents, whatever they hold."""

from decimal import Decimal

import bson
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.model.kpi.rollups import Amount, CellKey, Cells, RollupKind
from sync_engine.store.codec import CODEC_OPTIONS
from sync_engine.store.rollups.documents import BEYOND_DIGITS, decode, encode
from tests.examples import SHOP

COUNTS = st.integers(1, 10**6)
MONEY = st.decimals(-(10**12), 10**12, places=3)
GAPS = st.dictionaries(st.integers(0, 3_000), COUNTS.map(lambda n: [n]), min_size=1, max_size=40)
KEYS: st.SearchStrategy[CellKey] = st.integers(1, 2**63 - 1) | st.text(max_size=9)
PRODUCTS = st.dictionaries(
    KEYS, st.tuples(COUNTS, MONEY, COUNTS).map(list[Amount]), min_size=1, max_size=9
)


def stored(kind: RollupKind, cells: Cells) -> dict[str, object]:
    document = encode(SHOP, 1, kind, "2026-10-31", cells)
    return bson.decode(
        bson.encode(document, codec_options=CODEC_OPTIONS), codec_options=CODEC_OPTIONS
    )


@given(cells=PRODUCTS)
def test_products_come_back_as_they_were(cells: Cells) -> None:
    assert decode(RollupKind.PRODUCTS, stored(RollupKind.PRODUCTS, cells)) == cells


@given(cells=GAPS)
def test_visits_come_back_as_they_were(cells: Cells) -> None:
    assert decode(RollupKind.VISITS, stored(RollupKind.VISITS, cells)) == cells


@given(cells=GAPS, behind=st.integers(0, 730))
def test_beyond_tells_who_was_not_there_since_the_range_began(cells: Cells, behind: int) -> None:
    document = stored(RollupKind.VISITS, cells)
    text = str(document["beyond"])
    place = behind * BEYOND_DIGITS
    found = int(text[place : place + BEYOND_DIGITS]) if place < len(text) else document["rest"]
    wanted = sum(int(n) for gap, (n,) in cells.items() if gap == 0 or int(gap) > behind)
    assert found == wanted


def test_sales_come_back_with_every_digit() -> None:
    figures: list[Amount] = [2, 5, *(Decimal("12345678901234567890.1234"),) * 7]
    cells: Cells = {0: figures}
    assert decode(RollupKind.SALES, stored(RollupKind.SALES, cells)) == cells
