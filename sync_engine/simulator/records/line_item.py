"""What an order sells: line items and shipping lines with their discounts and taxes."""

from msgspec import Struct

from sync_engine.simulator.records.money import MoneyBag


class DiscountApplication(Struct, frozen=True, kw_only=True, gc=False):
    """The intention of a discount; the amounts are in the allocations.

    Attributes:
        index: Position in the order's list; REST allocations refer to it.
        kind: AUTOMATIC, DISCOUNT_CODE, MANUAL or SCRIPT.
        title: The title, or the code of a DISCOUNT_CODE.
        percentage: In percent; None when a fixed amount was meant.
        fixed_amount: None when a percentage was meant.
        is_order_level: Spread over all lines (ACROSS) rather than given to some (EACH, ONE).
    """

    index: int
    kind: str
    title: str
    description: str | None
    percentage: int | None
    fixed_amount: MoneyBag | None
    allocation_method: str
    target_selection: str
    target_type: str

    @property
    def is_order_level(self) -> bool:
        """Whether it was spread over all lines of the order."""
        return self.target_type == "LINE_ITEM" and self.target_selection == "ALL"


class DiscountAllocation(Struct, frozen=True, gc=False):
    """The part of a discount that one line got, as a positive amount."""

    amount: MoneyBag
    application: DiscountApplication


class TaxLine(Struct, frozen=True, gc=False):
    """A tax on a line; the rate in millionths (190,000 for 19 %)."""

    title: str
    rate_ppm: int
    price: MoneyBag

    @property
    def rate(self) -> float:
        """The rate as a fraction, 0.19 for 19 %."""
        return self.rate_ppm / 1_000_000


class LineItem(Struct, frozen=True, kw_only=True, gc=False):
    """A product or service in an order.

    Attributes:
        position: From 0.
        product_id: None for a custom line and for a product that is gone.
        quantity: As ordered, refunded units included.
        refunded_quantity: Units of it that were refunded or removed since.
        line_discount: Discounts on this line alone.
        order_discount: This line's share of discounts on the whole order.
        subtotal: What the units cost after all discounts; with taxes where prices include them.
        tax: Sum of the tax lines, on all units ordered.
        refunded_subtotal: The part of `subtotal` that belongs to these units.
        refunded_tax: The part of `tax` that belongs to these units.
        is_added: It came into the order after the sale, untaxed.
    """

    id: int
    position: int
    product_id: int | None
    variant_id: int | None
    title: str
    variant_title: str | None
    sku: str | None
    vendor: str | None
    quantity: int
    refunded_quantity: int
    fulfilled_quantity: int
    is_gift_card: bool
    is_taxable: bool
    requires_shipping: bool
    weight_grams: int
    custom_attributes: tuple[tuple[str, str], ...]
    unit_price: MoneyBag
    line_discount: MoneyBag
    order_discount: MoneyBag
    subtotal: MoneyBag
    tax: MoneyBag
    refunded_subtotal: MoneyBag
    refunded_tax: MoneyBag
    discount_allocations: tuple[DiscountAllocation, ...]
    tax_lines: tuple[TaxLine, ...]
    is_added: bool = False

    @property
    def name(self) -> str:
        """Title and variant title."""
        return f"{self.title} - {self.variant_title}" if self.variant_title else self.title

    @property
    def current_quantity(self) -> int:
        """Units ordered less units refunded."""
        return self.quantity - self.refunded_quantity

    @property
    def unfulfilled_quantity(self) -> int:
        """Units that are neither shipped nor refunded."""
        return max(0, self.current_quantity - self.fulfilled_quantity)

    @property
    def original_total(self) -> MoneyBag:
        """Unit price times quantity ordered, before any discount."""
        return self.unit_price.times(self.quantity)

    @property
    def discounted_total(self) -> MoneyBag:
        """After this line's own discounts, before shares of order discounts."""
        return self.original_total - self.line_discount


class ShippingLine(Struct, frozen=True, kw_only=True, gc=False):
    """A shipping method that the customer chose.

    Attributes:
        price: Before discounts; with taxes where prices include them.
        discounted_price: After discounts.
        refunded: The part of `discounted_price` that refunds gave back.
        refunded_tax: The part of its taxes that refunds gave back.
    """

    id: int
    title: str
    code: str
    source: str
    price: MoneyBag
    discounted_price: MoneyBag
    tax: MoneyBag
    refunded: MoneyBag
    refunded_tax: MoneyBag
    discount_allocations: tuple[DiscountAllocation, ...]
    tax_lines: tuple[TaxLine, ...]
