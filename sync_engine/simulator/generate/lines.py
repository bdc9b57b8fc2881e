"""Line items and shipping lines from a basket, its terms and its prices in both currencies."""

from collections.abc import Sequence

from sync_engine.simulator.generate.ids import LINES_PER_ORDER, ShopIds
from sync_engine.simulator.generate.offers import Deal
from sync_engine.simulator.generate.pricing import LinePrices, Prices
from sync_engine.simulator.generate.sales import Sale
from sync_engine.simulator.records.line_item import (
    DiscountAllocation,
    LineItem,
    ShippingLine,
    TaxLine,
)
from sync_engine.simulator.records.money import CurrencyPair, MoneyBag

_ENGRAVING = (("Gravur", "“Für Oma” 💍"),)


def build_lines(ids: ShopIds, order: int, sale: Sale, shipped_count: int) -> tuple[LineItem, ...]:
    """The line items of an order, nothing of them refunded; the first `shipped_count` are sent."""
    deal = sale.deal
    currencies = deal.currencies
    zero = MoneyBag(0, 0, currencies)
    has_discounts = deal.line_level is not None or deal.order_level is not None
    priced = zip(*(prices.lines for prices in sale.prices), strict=True)
    presented = deal.presentment_terms.lines
    made = []
    for place, (line, (own, seen)) in enumerate(zip(sale.basket, priced, strict=True)):
        taxes = _tax_lines(deal, own.taxes, seen.taxes, currencies)
        made.append(
            LineItem(
                id=ids.line_items.id_of(order * LINES_PER_ORDER + place),
                position=place,
                product_id=line.product_id,
                variant_id=line.variant_id,
                title=line.title,
                variant_title=line.variant_title,
                sku=line.sku,
                vendor=line.vendor,
                quantity=line.quantity,
                refunded_quantity=0,
                fulfilled_quantity=line.quantity if place < shipped_count else 0,
                is_gift_card=line.is_gift_card,
                is_taxable=line.is_taxable,
                requires_shipping=line.requires_shipping,
                weight_grams=line.weight_grams,
                custom_attributes=_ENGRAVING if line.title.startswith("E") else (),
                unit_price=MoneyBag(line.unit, presented[place].unit, currencies),
                line_discount=MoneyBag(own.line_discount, seen.line_discount, currencies)
                if has_discounts
                else zero,
                order_discount=MoneyBag(own.order_discount, seen.order_discount, currencies)
                if has_discounts
                else zero,
                subtotal=MoneyBag(own.subtotal, seen.subtotal, currencies),
                tax=MoneyBag(sum(own.taxes), sum(seen.taxes), currencies) if taxes else zero,
                refunded_subtotal=zero,
                refunded_tax=zero,
                discount_allocations=_allocations(own, seen, deal, currencies)
                if has_discounts
                else (),
                tax_lines=taxes,
            )
        )
    return tuple(made)


def build_shipping(
    ids: ShopIds, order: int, deal: Deal, prices: tuple[Prices, Prices]
) -> tuple[ShippingLine, ...]:
    """The shipping line of an order, if anything is shipped."""
    currencies = deal.currencies
    if deal.shop_terms.shipping is None:
        return ()
    own, seen = prices
    price = MoneyBag(own.shipping, seen.shipping, currencies)
    discount = MoneyBag(own.shipping_discount, seen.shipping_discount, currencies)
    zero = MoneyBag(0, 0, currencies)
    allocations: tuple[DiscountAllocation, ...] = ()
    if deal.shipping_level is not None and discount:
        allocations = (DiscountAllocation(discount, deal.applications[deal.shipping_level]),)
    title, code = deal.shipping_method
    return (
        ShippingLine(
            id=ids.shipping_lines.id_of(order),
            title=title,
            code=code,
            source="shopify",
            price=price,
            discounted_price=price - discount,
            tax=MoneyBag(sum(own.shipping_taxes), sum(seen.shipping_taxes), currencies),
            refunded=zero,
            refunded_tax=zero,
            discount_allocations=allocations,
            tax_lines=_tax_lines(deal, own.shipping_taxes, seen.shipping_taxes, currencies),
        ),
    )


def _allocations(
    own: LinePrices, seen: LinePrices, deal: Deal, currencies: CurrencyPair
) -> tuple[DiscountAllocation, ...]:
    made = []
    if deal.line_level is not None and (own.line_discount or seen.line_discount):
        amount = MoneyBag(own.line_discount, seen.line_discount, currencies)
        made.append(DiscountAllocation(amount, deal.applications[deal.line_level]))
    if deal.order_level is not None and (own.order_discount or seen.order_discount):
        amount = MoneyBag(own.order_discount, seen.order_discount, currencies)
        made.append(DiscountAllocation(amount, deal.applications[deal.order_level]))
    return tuple(made)


def _tax_lines(
    deal: Deal, own: Sequence[int], seen: Sequence[int], currencies: CurrencyPair
) -> tuple[TaxLine, ...]:
    if not own:
        return ()
    return tuple(
        [
            TaxLine(title, rate, MoneyBag(amount, shown, currencies))
            for title, rate, amount, shown in zip(
                deal.tax_titles, deal.shop_terms.tax_rates, own, seen, strict=True
            )
        ]
    )
