"""Currencies, their decimals and their exchange rates.

Amounts are counted in minor units (cents, yen, fils) as integers, so that no arithmetic rounds by
accident. Decimals appear only where a value leaves the simulator.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from msgspec import Struct


class Currency(Struct, frozen=True, gc=False):
    """An ISO 4217 currency.

    Attributes:
        code: Three letters, upper case.
        exponent: Number of decimals: 2 for most, 0 for JPY, 3 for KWD.
        per_thousand_usd: What 1,000 US dollars cost, in whole units of this currency. An integer,
            so that conversions are exact rationals and equal on every machine.
    """

    code: str
    exponent: int
    per_thousand_usd: int

    def decimal(self, minor: int) -> Decimal:
        """The amount as a decimal with this currency's number of decimals."""
        return Decimal(minor).scaleb(-self.exponent)


def _table(*rows: tuple[str, int, int]) -> Mapping[str, Currency]:
    return MappingProxyType({code: Currency(code, exponent, rate) for code, exponent, rate in rows})


CURRENCIES = _table(
    ("AED", 2, 3673),
    ("AUD", 2, 1530),
    ("BHD", 3, 377),
    ("BRL", 2, 5400),
    ("CAD", 2, 1370),
    ("CHF", 2, 890),
    ("CLP", 0, 945_000),
    ("CZK", 2, 22_900),
    ("DKK", 2, 6880),
    ("EUR", 2, 922),
    ("GBP", 2, 786),
    ("HUF", 2, 358_000),
    ("INR", 2, 83_600),
    ("JOD", 3, 709),
    ("JPY", 0, 149_500),
    ("KRW", 0, 1_335_000),
    ("KWD", 3, 307),
    ("MXN", 2, 17_800),
    ("NOK", 2, 10_700),
    ("NZD", 2, 1640),
    ("PLN", 2, 3980),
    ("SEK", 2, 10_500),
    ("SGD", 2, 1340),
    ("USD", 2, 1000),
)


class ExchangeRate(Struct, frozen=True, gc=False):
    """A rate between two currencies as an exact fraction of minor units."""

    numerator: int
    denominator: int

    @classmethod
    def between(
        cls, source: Currency, target: Currency, drift_per_mille: int = 0
    ) -> "ExchangeRate":
        """The table's rate, moved by `drift_per_mille` thousandths (rates change by the day)."""
        return cls(
            target.per_thousand_usd * 10**target.exponent * (1000 + drift_per_mille),
            source.per_thousand_usd * 10**source.exponent * 1000,
        )

    def convert(self, minor: int) -> int:
        """The amount in the target currency, rounded half up (away from zero)."""
        if minor < 0:
            return -self.convert(-minor)
        return (2 * minor * self.numerator + self.denominator) // (2 * self.denominator)
