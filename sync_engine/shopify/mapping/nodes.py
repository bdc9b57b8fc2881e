"""Pieces of Shopify's GraphQL answers that several resources share."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

import msgspec

from sync_engine.model.money import exact_amount

NodeT = TypeVar("NodeT")

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time that says in which zone it is."""

Int = Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]
"""A whole number as GraphQL defines it: of 32 bits."""


class Money(msgspec.Struct, gc=False, rename="camel"):
    """An amount as text, with its currency where that was asked for."""

    amount: str
    currency_code: str | None = None


class MoneyBag(msgspec.Struct, gc=False, rename="camel"):
    """An amount in the shop's currency; what the customer saw is not asked for."""

    shop_money: Money

    def exact(self, currency_code: str) -> Decimal:
        """Return the canonical amount.

        Raises:
            ValueError: the text is not an amount.
        """
        return exact_amount(self.shop_money.amount, currency_code)


class Reference(msgspec.Struct, gc=False):
    """Another record, by its global id."""

    id: str


class Address(msgspec.Struct, gc=False):
    """Where something goes to; only the country is kept."""

    country_code_v2: str | None = msgspec.field(name="countryCodeV2", default=None)


class PageInfo(msgspec.Struct, gc=False, rename="camel"):
    """Whether a list goes on, and from where."""

    has_next_page: bool
    end_cursor: str | None = None


class Connection(msgspec.Struct, Generic[NodeT], rename="camel"):
    """A page of a list."""

    nodes: list[NodeT]
    page_info: PageInfo


def amount_or_zero(bag: MoneyBag | None, currency_code: str) -> Decimal:
    """Return the amount, zero where Shopify sends none."""
    return exact_amount("0", currency_code) if bag is None else bag.exact(currency_code)
