"""What goes into an order: which products, how many, at which price.

A line keeps a copy of the product's words and price, as Shopify's lines do; whatever happens to
the product later does not change the order.
"""

from msgspec import Struct

from sync_engine.simulator.currency import CURRENCIES, ExchangeRate
from sync_engine.simulator.generate import words
from sync_engine.simulator.generate.ids import LINES_PER_ORDER
from sync_engine.simulator.generate.products import ProductGenerator
from sync_engine.simulator.randomness import RandomStream
from sync_engine.simulator.spec import ShopSpec

_CACHE_LIMIT = 50_000
_LINE_COUNTS = (1, 2, 3, 4, 5, 6, 7, 8)
_LINE_WEIGHTS = (40, 66, 80, 88, 93, 96, 98, 100)
_BIG_PER_MILLE = 3
_BIG_LINES = (60, 300)


class BasketLine(Struct, frozen=True, kw_only=True, gc=False):
    """A line before discounts and taxes; the price in minor units of the shop's currency."""

    product_id: int | None
    variant_id: int | None
    title: str
    variant_title: str | None
    sku: str | None
    vendor: str | None
    unit: int
    quantity: int
    is_gift_card: bool
    is_taxable: bool
    requires_shipping: bool
    weight_grams: int


class Offer(Struct, frozen=True, kw_only=True, gc=False):
    """One variant as a line sees it."""

    product_id: int
    variant_id: int
    title: str
    variant_title: str | None
    sku: str | None
    vendor: str
    unit: int
    is_gift_card: bool
    is_taxable: bool
    requires_shipping: bool
    weight_grams: int


class BasketFiller:
    """Fills the baskets of one shop; keeps a bounded number of offers at hand."""

    def __init__(self, spec: ShopSpec, products: ProductGenerator) -> None:
        self._products = products
        self._has_products = spec.products > 0
        self._rate = ExchangeRate.between(CURRENCIES["USD"], CURRENCIES[spec.currency])
        self._offers: dict[tuple[int, int], Offer] = {}
        self._variant_counts: dict[int, int] = {}

    def basket(self, draw: RandomStream, available: int) -> list[BasketLine]:
        """The lines of an order placed while `available` products existed."""
        if draw.chance(_BIG_PER_MILLE):
            count = draw.between(*_BIG_LINES)
        else:
            count = draw.weighted(_LINE_COUNTS, _LINE_WEIGHTS)
        return [self._line(draw, available) for _ in range(min(count, LINES_PER_ORDER))]

    def _line(self, draw: RandomStream, available: int) -> BasketLine:
        quantity = _quantity(draw)
        kind = draw.below(1000)
        if not self._has_products or kind < 15:  # noqa: PLR2004 - 15 in 1,000 are custom lines
            return BasketLine(
                product_id=None,
                variant_id=None,
                title=draw.pick(words.CUSTOM_LINES),
                variant_title=None,
                sku=None,
                vendor=None,
                unit=self._rate.convert(draw.between(1, 60) * 100),
                quantity=quantity,
                is_gift_card=False,
                is_taxable=draw.chance(800),
                requires_shipping=draw.chance(300),
                weight_grams=0,
            )
        popularity = draw.below(1 << 16)
        offer = self._offer(available * popularity * popularity >> 32, draw.below(1 << 16))
        is_gone = kind < 30  # noqa: PLR2004 - 15 in 1,000 are of products that were deleted since
        return BasketLine(
            product_id=None if is_gone else offer.product_id,
            variant_id=None if is_gone else offer.variant_id,
            title=offer.title,
            variant_title=offer.variant_title,
            sku=offer.sku,
            vendor=offer.vendor,
            unit=offer.unit,
            quantity=quantity,
            is_gift_card=offer.is_gift_card,
            is_taxable=offer.is_taxable,
            requires_shipping=offer.requires_shipping,
            weight_grams=offer.weight_grams,
        )

    def _offer(self, product: int, choice: int) -> Offer:
        count = self._variant_counts.get(product)
        if count is None:
            count = self._products.core(product).variant_count
            self._variant_counts[product] = count
        key = (product, choice * count >> 16)
        offer = self._offers.get(key)
        if offer is None:
            if len(self._offers) >= _CACHE_LIMIT:
                self._offers.clear()
                self._variant_counts.clear()
            offer = self._offers[key] = self._make_offer(*key)
        return offer

    def _make_offer(self, product: int, position: int) -> Offer:
        core = self._products.core(product)
        variant = self._products.variant(core, position)
        return Offer(
            product_id=variant.product_id,
            variant_id=variant.id,
            title=core.title,
            variant_title=None if variant.title == "Default Title" else variant.title,
            sku=variant.sku,
            vendor=core.vendor,
            unit=variant.price.minor,
            is_gift_card=core.is_gift_card,
            is_taxable=core.is_taxable,
            requires_shipping=core.requires_shipping,
            weight_grams=variant.weight_grams,
        )


def _quantity(draw: RandomStream) -> int:
    point = draw.below(1000)
    if point < 700:  # noqa: PLR2004 - most people buy one
        return 1
    if point < 980:  # noqa: PLR2004 - some buy a few
        return 2 + point % 4
    return 6 + point * 7 % 35
