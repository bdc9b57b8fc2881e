"""Products and their variants.

An order line needs a product's title and one variant's price, not all of its variants; so each
variant can be made alone.
"""

from msgspec import Struct

from sync_engine.simulator.currency import CURRENCIES, Currency, ExchangeRate
from sync_engine.simulator.generate import words
from sync_engine.simulator.generate.calendar import DAY_SECONDS, Calendar, utc
from sync_engine.simulator.generate.ids import OPTIONS_PER_PRODUCT, VARIANTS_PER_PRODUCT, ShopIds
from sync_engine.simulator.randomness import RandomStream, keyed
from sync_engine.simulator.records.money import Money
from sync_engine.simulator.records.product import Product, ProductOption, ProductVariant
from sync_engine.simulator.spec import ShopSpec

_SALT = 31
_VARIANT_SALT = 32
_TOUCH_SALT = 33
_ESTABLISHED_PER_CENT = 60
_ESTABLISHED_SECONDS = 400 * DAY_SECONDS
_STATUSES = ("ACTIVE", "DRAFT", "ARCHIVED", "UNLISTED")
_STATUS_WEIGHTS = (86, 91, 98, 100)


class ProductCore(Struct, frozen=True, gc=False):
    """What an order line and all variants of a product need to know about it."""

    index: int
    title: str
    vendor: str
    product_type: str
    is_gift_card: bool
    is_taxable: bool
    requires_shipping: bool
    base_price_cents: int
    has_skus: bool
    weight_grams: int
    option_names: tuple[str, ...]
    option_values: tuple[tuple[str, ...], ...]
    variant_count: int


class ProductGenerator:
    """Makes the products of one shop."""

    def __init__(self, spec: ShopSpec, ids: ShopIds, calendar: Calendar) -> None:
        self._spec = spec
        self._ids = ids
        self._calendar = calendar
        self._currency = CURRENCIES[spec.currency]
        self._rate = ExchangeRate.between(CURRENCIES["USD"], self._currency)
        self._established = -(-spec.products * _ESTABLISHED_PER_CENT // 100)

    def available(self, share: float) -> int:
        """How many products exist once this share of all orders was placed."""
        later = self._spec.products - self._established
        return self._established + int(later * share)

    def created_at_seconds(self, index: int) -> int:
        """When a product was created; ascends with the index."""
        if index < self._established:
            span = _ESTABLISHED_SECONDS * (index + 1) // (self._established + 1)
            return self._calendar.start - _ESTABLISHED_SECONDS + span
        later = self._spec.products - self._established
        return self._calendar.at((index - self._established + 1) / (later + 1))

    def updated_at_seconds(self, index: int) -> int:
        """When a product last changed: most do, whenever stock moves."""
        created = self.created_at_seconds(index)
        draw = keyed(self._spec.seed, _TOUCH_SALT, index)
        if draw % 8 == 0:
            return created
        return created + (draw >> 8) % max(1, self._calendar.end - created)

    def core(self, index: int) -> ProductCore:
        """The product without its variants."""
        draw = RandomStream(self._spec.seed, _SALT, index)
        is_gift_card = draw.chance(12)
        title = (
            f"{draw.pick(words.ADJECTIVES)} {draw.pick(words.MATERIALS)} {draw.pick(words.GOODS)}"
        )
        title += draw.pick(words.TITLE_EXTRAS)
        names, values = _options(draw)
        count = 1
        for options in values:
            count *= len(options)
        is_digital = draw.chance(40)
        return ProductCore(
            index=index,
            title="Gift Card 🎁" if is_gift_card else title,
            vendor=draw.pick(words.VENDORS),
            product_type="Gift Cards" if is_gift_card else draw.pick(words.PRODUCT_TYPES),
            is_gift_card=is_gift_card,
            is_taxable=not is_gift_card and not draw.chance(30),
            requires_shipping=not is_gift_card and not is_digital,
            base_price_cents=draw.between(2, 120) * 100 + draw.pick((99, 95, 50, 0, 49)),
            has_skus=draw.chance(930),
            weight_grams=draw.between(0, 40) * 50,
            option_names=names,
            option_values=values,
            variant_count=min(count, VARIANTS_PER_PRODUCT),
        )

    def variant(self, core: ProductCore, position: int) -> ProductVariant:
        """One variant of a product of the history, positions counted from 0."""
        created, updated = self.created_at_seconds(core.index), self.updated_at_seconds(core.index)
        return self._variant(core, position, created, updated)

    def fresh_variant(self, core: ProductCore, position: int, now: int) -> ProductVariant:
        """A variant that is added now."""
        return self._variant(core, position, now, now)

    def _variant(
        self, core: ProductCore, position: int, created: int, updated: int
    ) -> ProductVariant:
        key = core.index * VARIANTS_PER_PRODUCT + position
        draw = RandomStream(self._spec.seed, _VARIANT_SALT, key)
        options = _combination(core.option_values, position)
        price = self._price(core.base_price_cents + draw.below(6) * 150)
        is_reduced = draw.chance(200)
        changed = created + draw.below(updated - created + 1)
        return ProductVariant(
            id=self._ids.variants.id_of(key),
            product_id=self._ids.products.id_of(core.index),
            product_title=core.title,
            inventory_item_id=self._ids.inventory_items.id_of(key),
            title=" / ".join(options) if core.option_names != ("Title",) else "Default Title",
            sku=_sku(core, position) if core.has_skus and not draw.chance(40) else None,
            barcode=str(draw.between(10**12, 10**13 - 1)) if draw.chance(500) else None,
            price=price,
            compare_at_price=Money(price.minor * 5 // 4, price.currency) if is_reduced else None,
            unit_cost=Money(price.minor * 2 // 5, price.currency) if draw.chance(600) else None,
            position=position + 1,
            inventory_quantity=draw.between(-4, 180) if draw.chance(900) else 0,
            inventory_policy="CONTINUE" if draw.chance(150) else "DENY",
            is_tracked=draw.chance(920),
            is_taxable=core.is_taxable,
            requires_shipping=core.requires_shipping,
            weight_grams=core.weight_grams if core.requires_shipping else 0,
            option_names=core.option_names,
            options=options,
            created_at=utc(created),
            updated_at=utc(changed),
        )

    def product(self, index: int) -> Product:
        """The product of the shop's history at an index, with all of its variants."""
        return self._product(index, self.created_at_seconds(index), self.updated_at_seconds(index))

    def fresh(self, index: int, now: int) -> Product:
        """A product that is made now, beyond the history."""
        return self._product(index, now, now)

    def _product(self, index: int, created: int, updated: int) -> Product:
        core = self.core(index)
        draw = RandomStream(self._spec.seed, _SALT + 4, index)
        status = draw.weighted(_STATUSES, _STATUS_WEIGHTS)
        is_published = status in {"ACTIVE", "UNLISTED"}
        tags = sorted({draw.pick(words.PRODUCT_TAGS) for _ in range(draw.below(4))})
        return Product(
            index=index,
            id=self._ids.products.id_of(index),
            title=core.title,
            handle=f"{_handle(core.title)}-{index + 1}",
            description_html=f"<p>{core.title} by <em>{core.vendor}</em>.</p>",
            vendor=core.vendor,
            product_type=core.product_type,
            status=status,
            tags=tuple(tags),
            is_gift_card=core.is_gift_card,
            created_at=utc(created),
            updated_at=utc(updated),
            published_at=utc(min(created + 3600, updated)) if is_published else None,
            options=tuple(
                ProductOption(
                    id=self._ids.product_options.id_of(index * OPTIONS_PER_PRODUCT + place),
                    name=name,
                    position=place + 1,
                    values=core.option_values[place],
                )
                for place, name in enumerate(core.option_names)
            ),
            variants=tuple(
                self._variant(core, place, created, updated) for place in range(core.variant_count)
            ),
        )

    def _price(self, cents: int) -> Money:
        minor = self._rate.convert(cents)
        step = _price_step(self._currency)
        return Money(max(step, minor // step * step), self._currency)


def _price_step(currency: Currency) -> int:
    """Prices are round: 10 yen, 5 fils."""
    return {0: 10, 3: 5}.get(currency.exponent, 1)


def _options(draw: RandomStream) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    if draw.chance(6):
        colours = words.COLOURS[: draw.between(11, len(words.COLOURS))]
        return ("Color", "Size"), (colours, words.SIZES[: draw.between(10, len(words.SIZES))])
    count = draw.between(1, 5)
    if count == 1:
        return ("Title",), (("Default Title",),)
    if count == 4:  # noqa: PLR2004 - the one count here that splits into two options
        return ("Color", "Size"), (words.COLOURS[:2], words.SIZES[2:4])
    if draw.chance(500):
        return ("Size",), (words.SIZES[2 : 2 + count],)
    return ("Color",), (words.COLOURS[:count],)


def _combination(values: tuple[tuple[str, ...], ...], position: int) -> tuple[str, ...]:
    chosen = []
    for options in reversed(values):
        position, place = divmod(position, len(options))
        chosen.append(options[place])
    return tuple(reversed(chosen))


def _sku(core: ProductCore, position: int) -> str:
    return f"{core.vendor[:2].upper()}-{core.index + 1:05d}-{position + 1}"


def _handle(title: str) -> str:
    letters = [c if c.isalnum() else "-" for c in title.lower()]
    return "-".join(part for part in "".join(letters).split("-") if part)
