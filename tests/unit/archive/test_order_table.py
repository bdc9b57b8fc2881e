import io
from datetime import timedelta
from decimal import Decimal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.archive.order_table import from_table, to_table
from sync_engine.model.archive import StoredOrder
from tests.examples import MONDAY, line_item, order
from tests.strategies import MOMENTS, orders

STORED = st.builds(StoredOrder, order=orders(), observed_at=MOMENTS)


def through_parquet(rows: list[StoredOrder]) -> pa.Table:
    file = io.BytesIO()
    pq.write_table(to_table(rows, {"month": "2026-11"}), file, compression="zstd")
    return pq.read_table(file)


@given(rows=st.lists(STORED, max_size=4))
@settings(max_examples=60)
def test_orders_come_back_to_the_letter(rows: list[StoredOrder]) -> None:
    back = from_table(through_parquet(rows))
    assert back == rows
    assert msgspec.json.encode(back) == msgspec.json.encode(rows)


@pytest.mark.parametrize(
    ("prices", "kind"),
    [
        (["10.00", "0.50"], pa.decimal128(38, 2)),
        (["10.00", "0.505"], pa.decimal128(38, 3)),  # more decimals where a value needs them
        (["10.00", "0.5"], pa.string()),  # not how its currency is spelled
        (["10.00", "-0.00"], pa.string()),
        (["10.00", "1" * 26 + ".00", "0." + "1" * 28], pa.string()),
    ],
)
def test_amounts_are_decimals_unless_that_would_change_one(
    prices: list[str], kind: pa.DataType
) -> None:
    lines = tuple(line_item(place, unit_price=Decimal(price)) for place, price in enumerate(prices))
    rows = [StoredOrder(order=order(line_items=lines), observed_at=MONDAY)]
    table = through_parquet(rows)
    assert table.schema.field("total_price").type == kind
    assert table.schema.field("line_items").type.value_type.field("unit_price").type == kind
    assert msgspec.json.encode(from_table(table)) == msgspec.json.encode(rows)


def test_a_table_says_what_it_is_and_another_is_refused() -> None:
    table = through_parquet(
        [StoredOrder(order=order(), observed_at=MONDAY + timedelta(milliseconds=1))]
    )
    assert table.schema.metadata[b"echosignal.month"] == b"2026-11"
    assert table.schema.field("created_at").type == pa.timestamp("ms", tz="UTC")
    assert table.schema.field("id").type == pa.int64()
    with pytest.raises(ValueError, match="schema version"):
        from_table(table.replace_schema_metadata({}))
