"""Discounts, shipping and taxes of an order: the terms under which its basket was sold."""

from msgspec import Struct

from sync_engine.simulator.countries import Country
from sync_engine.simulator.currency import Currency, ExchangeRate
from sync_engine.simulator.generate import words
from sync_engine.simulator.generate.baskets import BasketLine
from sync_engine.simulator.generate.pricing import LineTerms, ShippingTerms, Terms
from sync_engine.simulator.randomness import RandomStream
from sync_engine.simulator.records.line_item import DiscountApplication
from sync_engine.simulator.records.money import CurrencyPair, MoneyBag

_PERCENTAGES = (5, 10, 10, 15, 20, 25, 50)
_KINDS = (
    "order_percent",
    "order_fixed",
    "line_percent",
    "line_fixed",
    "line_and_order",
    "everything",
    "shipping",
)
_KIND_WEIGHTS = (30, 45, 70, 80, 90, 92, 100)
_LINE_KINDS = (
    ("AUTOMATIC", words.AUTOMATIC_TITLES),
    ("MANUAL", words.MANUAL_TITLES),
    ("SCRIPT", words.AUTOMATIC_TITLES),
)
_SHIPPING_CENTS = (0, 390, 499, 595, 800, 1250, 2490)


class Deal(Struct, frozen=True, kw_only=True, gc=False):
    """Everything that decides the prices of an order.

    Attributes:
        applications: In the order of their index: line level, order level, shipping.
        line_level: Index of the application that lines' own discounts belong to.
    """

    currencies: CurrencyPair
    shop_terms: Terms
    presentment_terms: Terms
    applications: tuple[DiscountApplication, ...]
    line_level: int | None
    order_level: int | None
    shipping_level: int | None
    shipping_method: tuple[str, str]
    tax_titles: tuple[str, ...]


class _Discounts(Struct, frozen=True, kw_only=True, gc=False):
    line_percent: int = 0
    line_fixed_cents: int = 0
    line_every: int = 1
    order_percent: int = 0
    order_fixed_cents: int = 0
    shipping_percent: int = 0


def deal(
    draw: RandomStream,
    basket: list[BasketLine],
    *,
    currencies: CurrencyPair,
    rate: ExchangeRate,
    from_usd: ExchangeRate,
    country: Country,
    is_tax_exempt: bool,
    has_taxes_included: bool,
    ships: bool,
) -> Deal:
    """Draw discounts and shipping, and convert the terms to the customer's currency."""
    discounts = _discounts(draw, ships=ships)
    shipping_cents = draw.pick(_SHIPPING_CENTS)
    method = draw.pick(words.SHIPPING_METHODS)
    taxes = () if is_tax_exempt else country.taxes
    line_fixed = from_usd.convert(discounts.line_fixed_cents)
    order_fixed = from_usd.convert(discounts.order_fixed_cents)
    shipping = from_usd.convert(shipping_cents)
    rates = tuple(ppm for _, ppm in taxes)

    def terms(convert: ExchangeRate | None) -> Terms:
        lines = []
        for place, line in enumerate(basket):
            is_hit = place % discounts.line_every == 0
            lines.append(
                LineTerms(
                    _converted(line.unit, convert),
                    line.quantity,
                    discounts.line_percent if is_hit else 0,
                    _converted(line_fixed, convert) if is_hit else 0,
                    line.is_taxable,
                )
            )
        return Terms(
            tuple(lines),
            discounts.order_percent,
            _converted(order_fixed, convert),
            ShippingTerms(_converted(shipping, convert), discounts.shipping_percent)
            if ships
            else None,
            rates,
            has_taxes_included,
            is_shipping_taxed=True,
        )

    shop_terms = terms(None)
    is_foreign = currencies.presentment is not currencies.shop
    applications = _Applications(currencies, rate, from_usd)
    levels = _apply(draw, discounts, applications)
    return Deal(
        currencies=currencies,
        shop_terms=shop_terms,
        presentment_terms=terms(rate) if is_foreign else shop_terms,
        applications=tuple(applications.made),
        line_level=levels[0],
        order_level=levels[1],
        shipping_level=levels[2],
        shipping_method=method,
        tax_titles=tuple(title for title, _ in taxes),
    )


def presentment_currency(
    draw: RandomStream, own: Currency, others: tuple[Currency, ...]
) -> Currency:
    """Most customers pay in the shop's currency."""
    return draw.pick(others) if others and draw.chance(200) else own


def _converted(minor: int, rate: ExchangeRate | None) -> int:
    return rate.convert(minor) if rate is not None and minor else minor


def _discounts(draw: RandomStream, *, ships: bool) -> _Discounts:
    if not draw.chance(320):
        return _Discounts()
    kind = draw.weighted(_KINDS, _KIND_WEIGHTS)
    line_percent = line_fixed = order_percent = order_fixed = shipping_percent = 0
    match kind:
        case "order_percent":
            order_percent = draw.pick(_PERCENTAGES)
        case "order_fixed":
            order_fixed = draw.between(3, 25) * 100
        case "line_percent":
            line_percent = draw.pick(_PERCENTAGES)
        case "line_fixed":
            line_fixed = draw.between(1, 9) * 100
        case "line_and_order":
            line_percent, order_percent = draw.pick(_PERCENTAGES), draw.pick(_PERCENTAGES)
        case "everything":
            order_percent = 100
    if ships and (kind == "shipping" or draw.chance(120)):
        shipping_percent = 100 if draw.chance(700) else 50
    return _Discounts(
        line_percent=line_percent,
        line_fixed_cents=line_fixed,
        line_every=draw.between(1, 3),
        order_percent=order_percent,
        order_fixed_cents=order_fixed,
        shipping_percent=shipping_percent,
    )


class _Applications:
    """Collects the discount applications of an order, numbering them."""

    def __init__(
        self, currencies: CurrencyPair, rate: ExchangeRate, from_usd: ExchangeRate
    ) -> None:
        self.made: list[DiscountApplication] = []
        self._currencies = currencies
        self._rate = rate
        self._from_usd = from_usd

    def add(self, kind: str, title: str, *, percent: int, cents: int, level: str) -> int:
        is_order_level = level == "order"
        self.made.append(
            DiscountApplication(
                index=len(self.made),
                kind=kind,
                title=title,
                description=f"{title} (by hand)" if kind == "MANUAL" else None,
                percentage=percent or None,
                fixed_amount=self._fixed(cents) if cents else None,
                allocation_method="ACROSS" if is_order_level else "EACH",
                target_selection="ENTITLED" if level == "line" else "ALL",
                target_type="SHIPPING_LINE" if level == "shipping" else "LINE_ITEM",
            )
        )
        return len(self.made) - 1

    def _fixed(self, cents: int) -> MoneyBag:
        minor = self._from_usd.convert(cents)
        is_foreign = self._currencies.presentment is not self._currencies.shop
        shown = self._rate.convert(minor) if is_foreign else minor
        return MoneyBag(minor, shown, self._currencies)


def _apply(
    draw: RandomStream, discounts: _Discounts, to: _Applications
) -> tuple[int | None, int | None, int | None]:
    """Add what the discounts need; the indexes at line, order and shipping level."""
    line = order = shipping = None
    if discounts.line_percent or discounts.line_fixed_cents:
        kind, titles = draw.pick(_LINE_KINDS)
        percent, cents = discounts.line_percent, discounts.line_fixed_cents
        line = to.add(kind, draw.pick(titles), percent=percent, cents=cents, level="line")
    if discounts.order_percent or discounts.order_fixed_cents:
        is_code = draw.chance(750)
        kind = "DISCOUNT_CODE" if is_code else "AUTOMATIC"
        title = draw.pick(words.DISCOUNT_CODES if is_code else words.AUTOMATIC_TITLES)
        percent, cents = discounts.order_percent, discounts.order_fixed_cents
        order = to.add(kind, title, percent=percent, cents=cents, level="order")
    if discounts.shipping_percent:
        percent = discounts.shipping_percent
        shipping = to.add("DISCOUNT_CODE", "FREESHIP", percent=percent, cents=0, level="shipping")
    return line, order, shipping
