"""MoneyBag, MoneyV2, and the scalars that hold amounts."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from sync_engine.simulator.graphql_api.execution import Field, FieldTable
from sync_engine.simulator.records.money import Money, MoneyBag

_CENTS = 2


def decimal_text(money: Money) -> str:
    """An amount as the `Decimal` scalar prints it: no trailing zeros but one decimal at least."""
    return amount_text(money.minor, money.currency.exponent)


def amount_text(minor: int, exponent: int) -> str:
    """The same for minor units of a currency with so many decimals."""
    if minor < 0:
        return f"-{amount_text(-minor, exponent)}"
    if exponent == _CENTS:
        whole, part = divmod(minor, 100)
        if part % 10:
            return f"{whole}.{part:02d}"
        return f"{whole}.{part // 10}"
    if not exponent:
        return f"{minor}.0"
    whole, part = divmod(minor, 10**exponent)
    decimals = f"{part:0{exponent}d}".rstrip("0")
    return f"{whole}.{decimals or '0'}"


def fixed_text(money: Money) -> str:
    """An amount as the `Money` scalar and REST print it: all of the currency's decimals."""
    exponent, minor = money.currency.exponent, money.minor
    if not exponent:
        return str(minor)
    sign, digits = ("-", -minor) if minor < 0 else ("", minor)
    whole, part = divmod(digits, 10**exponent)
    return f"{sign}{whole}.{part:0{exponent}d}"


def shop_text(read: Callable[[Any], MoneyBag]) -> Field:
    """A field of the `Money` scalar: the shop's side of a bag."""
    return Field(lambda source: fixed_text(read(source).shop_money))


def bag(path: str) -> Field:
    """A MoneyBag at a path of attributes."""
    return Field(attrgetter(path))


MONEY_BAG: FieldTable = {
    "shopMoney": Field(lambda bag: bag.shop_money),
    "presentmentMoney": Field(lambda bag: bag.presentment_money),
}
MONEY_V2: FieldTable = {
    "amount": Field(decimal_text),
    "currencyCode": Field(lambda money: money.currency.code),
}
