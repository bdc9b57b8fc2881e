"""How values become BSON and come back: msgspec for the shapes, one type codec for money.

Field names in MongoDB are the field names of the model's classes, so there is no mapping to keep in
step; a stored document of the wrong shape fails loudly when it is read.
"""

import struct
from datetime import datetime
from decimal import Context, Decimal
from functools import cache, lru_cache
from typing import Any, TypeVar, get_args, get_origin

import msgspec
from bson import Decimal128, Int64
from bson.codec_options import CodecOptions, TypeCodec, TypeRegistry

Document = dict[str, Any]
T = TypeVar("T")


# IEEE 754 decimal128 in its binary encoding: sign, exponent, and a coefficient of 113 bits.
_EXPONENT_BIAS = 6176
_EXPONENT_SHIFT = 49
_SIGN = 1 << 63
_LOW = (1 << 64) - 1
_MOST_DIGITS = 34
_UNUSUAL = 3 << 61
_COEFFICIENT = (1 << _EXPONENT_SHIFT) - 1
_AS_IT_IS = Context(prec=_MOST_DIGITS, Emin=-_EXPONENT_BIAS, Emax=_EXPONENT_BIAS)
_pack_words = struct.Struct("<QQ").pack
_unpack_words = struct.Struct("<QQ").unpack


@lru_cache(maxsize=65_536)
def _stored(spelling: str) -> Decimal128:
    """Encode an amount; the driver's own way, in pure Python as well, takes three times as long."""
    whole, _, fraction = spelling.partition(".")
    digits = whole + fraction
    if "E" in spelling or len(digits) > _MOST_DIGITS:
        return Decimal128(spelling)
    coefficient = abs(int(digits))
    high = (coefficient >> 64) | ((_EXPONENT_BIAS - len(fraction)) << _EXPONENT_SHIFT)
    if spelling[0] == "-":
        high |= _SIGN
    return Decimal128.from_bid(_pack_words(coefficient & _LOW, high))


def stored_amount(amount: Decimal) -> Decimal128:
    """Return an amount in its stored form."""
    return _stored(str(amount))


@lru_cache(maxsize=65_536)
def _loaded(bits: bytes) -> Decimal:
    """Decode an amount; the driver's own way, in pure Python as well, takes ten times as long."""
    low, high = _unpack_words(bits)
    if high & _UNUSUAL == _UNUSUAL:  # infinite, not a number, or no canonical coefficient
        return Decimal128.from_bid(bits).to_decimal()
    coefficient = (high & _COEFFICIENT) << 64 | low
    exponent = ((high & ~_SIGN) >> _EXPONENT_SHIFT) - _EXPONENT_BIAS
    amount = Decimal(coefficient).scaleb(exponent, _AS_IT_IS)
    return amount.copy_negate() if high & _SIGN else amount


class _MoneyCodec(TypeCodec):
    """Decimal to Decimal128 and back, every digit kept."""

    python_type = Decimal
    bson_type = Decimal128

    def transform_python(self, value: Decimal) -> Decimal128:
        return _stored(str(value))

    def transform_bson(self, value: Decimal128) -> Decimal:
        return _loaded(value.bid)


CODEC_OPTIONS: CodecOptions[Document] = CodecOptions(
    document_class=dict, tz_aware=True, type_registry=TypeRegistry([_MoneyCodec()])
)


class _Amounts(msgspec.Struct, frozen=True):
    """Where a class keeps money: its own fields, and its lists of things that do."""

    fields: tuple[str, ...]
    lists: tuple[tuple[str, "_Amounts"], ...]


def to_document(value: msgspec.Struct) -> Document:
    """Return the fields as BSON-ready values."""
    document: Document = msgspec.to_builtins(
        value, builtin_types=(datetime, Decimal), enc_hook=_plain
    )
    return document


def _plain(value: object) -> object:
    """Return a number beyond 32 bits, as the driver hands it out in a checkpoint, as an int."""
    if isinstance(value, Int64):
        return int(value)
    raise NotImplementedError(type(value))


def to_stored_document(value: msgspec.Struct) -> Document:
    """Return the same with money in its stored form, for what is written by the thousand.

    The driver would ask for each amount's form on its own, at more cost than all other fields.
    """
    document = to_document(value)
    _store_amounts(document, _amounts_of(type(value)))
    return document


def _store_amounts(document: Document, amounts: _Amounts) -> None:
    for field in amounts.fields:
        amount = document[field]
        if amount is not None:
            document[field] = _stored(str(amount))
    for field, inner in amounts.lists:
        for part in document[field]:
            _store_amounts(part, inner)


@cache
def _amounts_of(kind: type[msgspec.Struct]) -> _Amounts:
    fields, lists = [], []
    for field in msgspec.structs.fields(kind):
        arguments = get_args(field.type)
        if field.type is Decimal or Decimal in arguments:
            fields.append(field.encode_name)
        elif get_origin(field.type) is tuple and issubclass(arguments[0], msgspec.Struct):
            lists.append((field.encode_name, _amounts_of(arguments[0])))
    return _Amounts(tuple(fields), tuple(lists))


def from_document(document: Document, kind: type[T]) -> T:
    """Return the value that was stored; fields that the class does not have are passed over.

    Raises:
        msgspec.ValidationError: the document is not of this shape.
    """
    return msgspec.convert(document, kind)
