"""The custom scalars: how each is written in JSON and what is accepted.

What cannot be read is refused with BAD_USER_INPUT before anything is executed. The exception is a
shop's domain: any text passes here and is read by ``visible.py`` or by the mutation, because a
mistyped domain in a mutation is an expected failure.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from gateway.graphql.errors import BadUserInputError
from sync_engine.model.shop_domain import ShopDomain

BigInt = NewType("BigInt", int)
CurrencyCode = NewType("CurrencyCode", str)
GivenDomain = NewType("GivenDomain", str)
"""A domain as a client wrote it, not checked yet."""

_MAX_SAFE_INTEGER = 2**53 - 1  # the largest that a JavaScript number counts to
_MAX_INT64 = 2**63 - 1
_MILLISECOND = 1_000  # in microseconds
_MAX_SHOWN = 80
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_CURRENCY_CODE = re.compile(r"[A-Z]{3}")


def write_date_time(value: datetime) -> str:
    """Write an aware time in UTC: milliseconds at most, no fraction where it is zero."""
    moment = value.astimezone(UTC)
    precision = "milliseconds" if moment.microsecond >= _MILLISECOND else "seconds"
    return moment.isoformat(timespec=precision).removesuffix("+00:00") + "Z"


def read_date_time(value: object) -> datetime:
    """Read an RFC 3339 time, in any offset; what is finer than a millisecond is cut off."""
    match = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is not None:
        day, time, fraction, offset = match.groups()
        milliseconds = ((fraction or ".")[1:] + "000")[:3]
        try:
            given = datetime.fromisoformat(f"{day}T{time}.{milliseconds}{offset.upper()}")
            return given.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise _refusal(value, "an RFC 3339 time such as 2026-10-31T23:59:59Z")


def read_date(value: object) -> date:
    """Read a calendar date."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _refusal(value, "a date such as 2026-10-31")


def write_decimal(value: Decimal) -> str:
    """Write every digit, without an exponent."""
    return f"{value:f}"


def read_decimal(value: object) -> Decimal:
    """Read an exact decimal, which is a string: a JSON number may have lost digits already."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    raise _refusal(value, 'a decimal in a string, such as "1234.50"')


def write_big_int(value: int) -> int | str:
    """Write a number that JavaScript reads exactly as a number, any other as a string."""
    return value if abs(value) <= _MAX_SAFE_INTEGER else str(value)


def read_big_int(value: object) -> BigInt:
    """Read either spelling."""
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and _INTEGER.fullmatch(value):
        number = int(value)
    if number is None or not -_MAX_INT64 - 1 <= number <= _MAX_INT64:
        raise _refusal(value, "a signed 64-bit integer, as a number or in a string")
    return BigInt(number)


def read_domain(value: object) -> GivenDomain:
    """Take any text."""
    if isinstance(value, str):
        return GivenDomain(value)
    raise _refusal(value, "a shop's permanent domain such as my-store.myshopify.com")


def read_currency_code(value: object) -> CurrencyCode:
    """Read a code of three capitals."""
    if isinstance(value, str) and _CURRENCY_CODE.fullmatch(value):
        return CurrencyCode(value)
    raise _refusal(value, "an ISO 4217 code such as EUR")


def _refusal(value: object, wanted: str) -> BadUserInputError:
    shown = repr(value)
    shown = shown if len(shown) <= _MAX_SHOWN else f"{shown[:_MAX_SHOWN]}…"
    return BadUserInputError(f"{shown} is not {wanted}.")


def scalar_map() -> Mapping[object, ScalarDefinition]:
    """Return the definition of each scalar by the Python type that stands for it."""
    domain = strawberry.scalar(
        name="ShopDomain",
        description="A shop's permanent domain: my-store.myshopify.com",
        serialize=str,
        parse_value=read_domain,
    )
    return {
        datetime: strawberry.scalar(
            name="DateTime",
            description=(
                "RFC 3339 timestamp in UTC, milliseconds at most: 2026-10-31T23:59:59Z. Other "
                "offsets are accepted and converted; what is finer than a millisecond is cut off."
            ),
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
            serialize=write_date_time,
            parse_value=read_date_time,
        ),
        date: strawberry.scalar(
            name="Date",
            description="ISO 8601 calendar date in the shop's own time zone: 2026-10-31",
            serialize=date.isoformat,
            parse_value=read_date,
        ),
        Decimal: strawberry.scalar(
            name="Decimal",
            description='Exact decimal as a string: "1234.50"',
            serialize=write_decimal,
            parse_value=read_decimal,
        ),
        BigInt: strawberry.scalar(
            name="BigInt",
            description=(
                "Signed 64-bit integer, as a JSON number when it is below 2^53 and as a string "
                "otherwise; both are accepted."
            ),
            serialize=write_big_int,
            parse_value=read_big_int,
        ),
        ShopDomain: domain,
        GivenDomain: domain,
        CurrencyCode: strawberry.scalar(
            name="CurrencyCode",
            description="ISO 4217 code, such as EUR",
            serialize=str,
            parse_value=read_currency_code,
        ),
    }
