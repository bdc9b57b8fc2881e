"""The arithmetic of one order in one currency, in whole minor units.

It runs once for the shop's currency and once more for the customer's. Each run is exact in itself:
unit prices and fixed discounts come converted, everything else is derived from them, so sums agree
to the last cent in both currencies.
"""

from msgspec import Struct

_PPM = 1_000_000


class LineTerms(Struct, frozen=True, gc=False):
    """A line before arithmetic; its own discount is in percent or, if not zero, an amount."""

    unit: int
    quantity: int
    percent_off: int
    amount_off: int
    is_taxable: bool


class ShippingTerms(Struct, frozen=True, gc=False):
    """Shipping before arithmetic; `percent_off` is 100 for free shipping by discount."""

    price: int
    percent_off: int


class Terms(Struct, frozen=True, gc=False):
    """An order before arithmetic; rates in millionths."""

    lines: tuple[LineTerms, ...]
    order_percent_off: int
    order_amount_off: int
    shipping: ShippingTerms | None
    tax_rates: tuple[int, ...]
    has_taxes_included: bool
    is_shipping_taxed: bool


class LinePrices(Struct, frozen=True, gc=False):
    """A line after arithmetic: own discount, share of order discounts, the rest, taxes on it."""

    line_discount: int
    order_discount: int
    subtotal: int
    taxes: tuple[int, ...]


class Prices(Struct, frozen=True, gc=False):
    """An order after arithmetic; shipping is before and after its discount."""

    lines: tuple[LinePrices, ...]
    shipping: int
    shipping_discount: int
    shipping_taxes: tuple[int, ...]

    def total(self, *, has_taxes_included: bool) -> int:
        """What the customer owes."""
        total = self.shipping - self.shipping_discount
        if not has_taxes_included:
            total += sum(self.shipping_taxes)
        for line in self.lines:
            total += line.subtotal
            if not has_taxes_included:
                total += sum(line.taxes)
        return total


def price(terms: Terms) -> Prices:
    """Apply line discounts, spread the order discount, then tax what is left."""
    after_own = []
    own = []
    for line in terms.lines:
        original = line.unit * line.quantity
        off = line.amount_off or (original * line.percent_off + 50) // 100
        own.append(min(off, original))
        after_own.append(original - own[-1])
    shares = _order_shares(after_own, terms)
    lines = []
    for line, left, line_off, share in zip(terms.lines, after_own, own, shares, strict=True):
        subtotal = left - share
        taxes = _taxes(subtotal, terms) if line.is_taxable else ()
        lines.append(LinePrices(line_off, share, subtotal, taxes))
    if terms.shipping is None:
        return Prices(tuple(lines), 0, 0, ())
    shipping_off = (terms.shipping.price * terms.shipping.percent_off + 50) // 100
    left = terms.shipping.price - shipping_off
    taxes = _taxes(left, terms) if terms.is_shipping_taxed else ()
    return Prices(tuple(lines), terms.shipping.price, shipping_off, taxes)


def part(amount: int, quantity: int, before: int, after: int) -> int:
    """What units `before` to `after` of `quantity` contribute to an amount.

    All parts of an amount add up to it exactly, whatever the order and size of the parts.
    """
    return amount * after // quantity - amount * before // quantity


def _order_shares(amounts: list[int], terms: Terms) -> list[int]:
    if terms.order_percent_off:
        return [(amount * terms.order_percent_off + 50) // 100 for amount in amounts]
    total = sum(amounts)
    off = min(terms.order_amount_off, total)
    if not off:
        return [0] * len(amounts)
    shares, reached = [], 0
    for amount in amounts:
        shares.append(part(off, total, reached, reached + amount))
        reached += amount
    return shares


def _taxes(amount: int, terms: Terms) -> tuple[int, ...]:
    base = _PPM + sum(terms.tax_rates) if terms.has_taxes_included else _PPM
    return tuple((2 * amount * rate + base) // (2 * base) for rate in terms.tax_rates)
