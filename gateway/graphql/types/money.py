"""Amounts of money."""

from decimal import Decimal

import strawberry

from gateway.graphql.describing import api_type
from gateway.graphql.scalars import CurrencyCode


@api_type
class Money:
    """An exact amount in a currency."""

    amount: Decimal = strawberry.field(description="The amount, with every digit that is stored.")
    currency_code: CurrencyCode = strawberry.field(description="The currency of the amount.")


def money(amount: Decimal, currency_code: str) -> Money:
    """Return an amount in a currency that the store names."""
    return Money(amount=amount, currency_code=CurrencyCode(currency_code))
