"""What an order comes to: who buys what under which terms, in both of its currencies.

This is the part of an order that its customer's total spent depends on. It has a random stream of
its own, so that it can be known without making the rest.
"""

from msgspec import Struct

from sync_engine.simulator.currency import CURRENCIES, ExchangeRate
from sync_engine.simulator.generate import people, words
from sync_engine.simulator.generate.baskets import BasketFiller, BasketLine
from sync_engine.simulator.generate.customers import CustomerGenerator
from sync_engine.simulator.generate.offers import Deal, deal, presentment_currency
from sync_engine.simulator.generate.people import Contact
from sync_engine.simulator.generate.pricing import Prices, price
from sync_engine.simulator.generate.products import ProductGenerator
from sync_engine.simulator.randomness import RandomStream
from sync_engine.simulator.records.money import CurrencyPair, MoneyBag
from sync_engine.simulator.spec import ShopSpec

_SALT = 61
_FIRST_GUEST = 10_000_000
_SOURCE_WEIGHTS = tuple(
    sum(weight for *_, weight in words.SOURCES[: place + 1]) for place in range(len(words.SOURCES))
)


class Sale(Struct, frozen=True, gc=False, kw_only=True):
    """An order's basket with its prices; `prices` in the shop's currency and the customer's."""

    source: str
    app: tuple[int, str]
    contact: Contact
    basket: list[BasketLine]
    deal: Deal
    prices: tuple[Prices, Prices]
    is_tax_exempt: bool
    is_shipped: bool
    total: MoneyBag


class SaleGenerator:
    """Makes the sales of one shop."""

    def __init__(
        self, spec: ShopSpec, products: ProductGenerator, customers: CustomerGenerator
    ) -> None:
        self._spec = spec
        self._products = products
        self._customers = customers
        self._baskets = BasketFiller(spec, products)
        self._currency = CURRENCIES[spec.currency]
        self._others = tuple(CURRENCIES[code] for code in spec.presentment if code != spec.currency)
        self._pairs = {
            currency.code: CurrencyPair(self._currency, currency)
            for currency in (self._currency, *self._others)
        }
        self._from_usd = ExchangeRate.between(CURRENCIES["USD"], self._currency)

    def sale(self, index: int, customer: int | None, share: float) -> Sale:
        """The sale of the order at an index, placed after this share (0 to 1) of all orders."""
        spec = self._spec
        draw = RandomStream(spec.seed, _SALT, index)
        source, app_id, app_name, _ = draw.weighted(words.SOURCES, _SOURCE_WEIGHTS)
        currency = presentment_currency(draw, self._currency, self._others)
        basket = self._baskets.basket(draw, self._products.available(share))
        is_shipped = source != "pos" and any(line.requires_shipping for line in basket)
        if customer is not None:
            contact = self._customers.contact(customer)
        else:
            contact = people.contact(draw, spec.country, _FIRST_GUEST + index)
        is_tax_exempt = draw.chance(8)
        currencies = self._pairs[currency.code]
        terms = deal(
            draw,
            basket,
            currencies=currencies,
            rate=ExchangeRate.between(self._currency, currency, index * 7919 % 41 - 20),
            from_usd=self._from_usd,
            country=contact.country,
            is_tax_exempt=is_tax_exempt,
            has_taxes_included=spec.taxes_included,
            ships=is_shipped,
        )
        own = price(terms.shop_terms)
        is_foreign = terms.presentment_terms is not terms.shop_terms
        seen = price(terms.presentment_terms) if is_foreign else own
        included = spec.taxes_included
        own_total = own.total(has_taxes_included=included)
        seen_total = seen.total(has_taxes_included=included) if is_foreign else own_total
        return Sale(
            source=source,
            app=(app_id, app_name),
            contact=contact,
            basket=basket,
            deal=terms,
            prices=(own, seen),
            is_tax_exempt=is_tax_exempt,
            is_shipped=is_shipped,
            total=MoneyBag(own_total, seen_total, currencies),
        )
