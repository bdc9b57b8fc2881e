"""Amounts in the shop's and in the customer's currency.

Whoever reads amounts reads decimals; whoever adds them up adds integers of minor units.
"""

from decimal import Decimal

from msgspec import Struct

from sync_engine.simulator.currency import Currency


class Money(Struct, frozen=True, gc=False):
    """An amount in one currency."""

    minor: int
    currency: Currency

    @property
    def amount(self) -> Decimal:
        """The amount with the currency's number of decimals."""
        return self.currency.decimal(self.minor)


class CurrencyPair(Struct, frozen=True, gc=False):
    """The currencies of an order: the shop's, and the one the customer saw and paid."""

    shop: Currency
    presentment: Currency


class MoneyBag(Struct, frozen=True, gc=False):
    """One amount as the shop counts it and as the customer saw it."""

    shop_minor: int
    presentment_minor: int
    pair: CurrencyPair

    @property
    def shop(self) -> Decimal:
        """The amount in the shop's currency."""
        return self.pair.shop.decimal(self.shop_minor)

    @property
    def presentment(self) -> Decimal:
        """The amount in the customer's currency."""
        return self.pair.presentment.decimal(self.presentment_minor)

    @property
    def shop_money(self) -> Money:
        """The shop's side as a single amount."""
        return Money(self.shop_minor, self.pair.shop)

    @property
    def presentment_money(self) -> Money:
        """The customer's side as a single amount."""
        return Money(self.presentment_minor, self.pair.presentment)

    def __add__(self, other: "MoneyBag") -> "MoneyBag":
        return MoneyBag(
            self.shop_minor + other.shop_minor,
            self.presentment_minor + other.presentment_minor,
            self.pair,
        )

    def __sub__(self, other: "MoneyBag") -> "MoneyBag":
        return MoneyBag(
            self.shop_minor - other.shop_minor,
            self.presentment_minor - other.presentment_minor,
            self.pair,
        )

    def __neg__(self) -> "MoneyBag":
        return MoneyBag(-self.shop_minor, -self.presentment_minor, self.pair)

    def __bool__(self) -> bool:
        return bool(self.shop_minor or self.presentment_minor)

    def times(self, count: int) -> "MoneyBag":
        """The amount `count` times."""
        return MoneyBag(self.shop_minor * count, self.presentment_minor * count, self.pair)

    def divided(self, count: int) -> "MoneyBag":
        """The amount per unit, rounded half up to whole minor units; itself for a count of zero.

        Source: LineItem.discountedUnitPriceSet in the Admin API ("approximate unit price").
        """
        if not count:
            return self
        return MoneyBag(
            (2 * self.shop_minor + count) // (2 * count),
            (2 * self.presentment_minor + count) // (2 * count),
            self.pair,
        )
