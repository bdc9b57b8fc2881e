"""What REST payloads have in common, and how a mapper says what a payload did not tell."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Generic, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from sync_engine.model.money import exact_amount
from sync_engine.model.records import Record

RecordT_co = TypeVar("RecordT_co", bound=Record, covariant=True)
T = TypeVar("T")


class Mapped(msgspec.Struct, Generic[RecordT_co], frozen=True, kw_only=True):
    """A record as far as its payload goes.

    ``lacks`` names the record's fields that the payload leaves open: what stands in them is only
    there to fill the place, and has to be completed before the record is stored.
    """

    record: RecordT_co
    lacks: frozenset[str] = frozenset()


class RestMoney(msgspec.Struct, gc=False):
    """An amount as text."""

    amount: str


class RestMoneySet(msgspec.Struct, gc=False):
    """An amount in the shop's currency; what the customer saw is not read."""

    shop_money: RestMoney

    def exact(self, currency_code: str) -> Decimal:
        """Return the canonical amount.

        Raises:
            ValueError: the text is not an amount.
        """
        return exact_amount(self.shop_money.amount, currency_code)


class RestAddress(msgspec.Struct, gc=False):
    """Where something goes to; only the country is kept."""

    country_code: str | None = None


def told(value: T | UnsetType, otherwise: T) -> T:
    """Return the value, or the other where the payload has no such key."""
    return otherwise if isinstance(value, UnsetType) else value


def untold(payload: msgspec.Struct, record_fields: Mapping[str, str]) -> set[str]:
    """Return the record's fields whose keys the payload does not have."""
    return {field for key, field in record_fields.items() if getattr(payload, key) is UNSET}
