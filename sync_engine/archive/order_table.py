"""Orders as a table and back, exactly: one row an order, its lines and refunds lists inside.

The columns are the fields of the model. Amounts are decimals of the file's most decimals, and get
their own number of them back by the currency's rule; where that would change any amount's spelling,
all amounts of the file are text.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pyarrow as pa

from sync_engine.model.archive import StoredOrder
from sync_engine.model.money import canonical_amount
from sync_engine.model.records import Order

SCHEMA_VERSION = 1
OBSERVED_AT = "observed_at"
_VERSION_KEY = b"echosignal.schema_version"
_TIME = pa.timestamp("ms", tz="UTC")
_MOST_DIGITS = 38
_PLAIN = {int: pa.int64(), str: pa.string(), bool: pa.bool_(), datetime: _TIME}


def to_table(rows: Sequence[StoredOrder], about: Mapping[str, str]) -> pa.Table:
    """Return orders as a table, with what is said about them in its metadata."""
    amounts = _amount_type(rows)
    plain = [
        msgspec.to_builtins(row.order, builtin_types=(datetime, Decimal))
        | {OBSERVED_AT: row.observed_at}
        for row in rows
    ]
    if pa.types.is_string(amounts):
        plain = [_as_text(each) for each in plain]
    columns = [*_columns(Order, amounts), pa.field(OBSERVED_AT, _TIME, nullable=False)]
    metadata = {_VERSION_KEY: str(SCHEMA_VERSION).encode()} | {
        f"echosignal.{name}".encode(): value.encode() for name, value in about.items()
    }
    return pa.Table.from_pylist(plain, schema=pa.schema(columns, metadata=metadata))


def from_table(table: pa.Table) -> list[StoredOrder]:
    """Return the orders of a table as they were before ``to_table``.

    Raises:
        ValueError: it is no table of orders, or of a version that is not known here.
    """
    version = (table.schema.metadata or {}).get(_VERSION_KEY, b"none")
    if version != str(SCHEMA_VERSION).encode():
        raise ValueError(f"it holds no orders of schema version {SCHEMA_VERSION}")
    return [_order(row) for row in table.to_pylist()]


def _order(row: dict[str, Any]) -> StoredOrder:
    observed_at = row.pop(OBSERVED_AT)
    currency = row["currency_code"]

    def amount(value: object) -> object:
        return canonical_amount(value, currency) if isinstance(value, Decimal) else value

    order = msgspec.convert(_mapped(row, amount), Order)
    return StoredOrder(order=order, observed_at=observed_at)


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {name: _mapped(each, change) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(each, change) for each in value]
    return change(value)


def _as_text(row: dict[str, Any]) -> dict[str, Any]:
    text: dict[str, Any] = _mapped(
        row, lambda value: str(value) if isinstance(value, Decimal) else value
    )
    return text


def _amount_type(rows: Sequence[StoredOrder]) -> pa.DataType:
    """Return the type that holds all amounts and gives each back to the letter."""
    scale = digits = 0
    for row in rows:
        currency = row.order.currency_code
        for amount in _amounts(msgspec.to_builtins(row.order, builtin_types=(datetime, Decimal))):
            if not _is_canonical(amount, currency):
                return pa.string()
            _, figures, exponent = amount.as_tuple()
            scale = max(scale, -int(exponent))
            digits = max(digits, len(figures) + int(exponent))
    return pa.decimal128(_MOST_DIGITS, scale) if digits + scale <= _MOST_DIGITS else pa.string()


def _is_canonical(amount: Decimal, currency: str) -> bool:
    try:
        return str(canonical_amount(amount, currency)) == str(amount)
    except ValueError:
        return False


def _amounts(value: Any) -> Iterator[Decimal]:
    if isinstance(value, Decimal):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _amounts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _amounts(each)


def _columns(kind: type[msgspec.Struct], amounts: pa.DataType) -> list[pa.Field]:
    columns = []
    for name, hint in get_type_hints(kind).items():
        choices = get_args(hint) if NoneType in get_args(hint) else (hint,)
        (only,) = (each for each in choices if each is not NoneType)
        column = _column_type(only, amounts)
        columns.append(pa.field(name, column, nullable=NoneType in choices))
    return columns


def _column_type(kind: Any, amounts: pa.DataType) -> pa.DataType:
    if kind is Decimal:
        return amounts
    if get_origin(kind) is tuple:
        return pa.list_(pa.field("item", _column_type(get_args(kind)[0], amounts), nullable=False))
    if issubclass(kind, msgspec.Struct):
        return pa.struct(_columns(kind, amounts))
    return _PLAIN[kind]
