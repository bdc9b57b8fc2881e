"""An order with everything that belongs to it, and what it adds up to."""

from datetime import datetime

from msgspec import Struct

from sync_engine.simulator.records.address import Address
from sync_engine.simulator.records.line_item import DiscountApplication, LineItem, ShippingLine
from sync_engine.simulator.records.money import CurrencyPair, MoneyBag
from sync_engine.simulator.records.refund import OrderTransaction, Refund


class OrderTotals(Struct, frozen=True, kw_only=True, gc=False):
    """The sums of an order; `settlement.settle` is the only place that makes them.

    As sold: `subtotal`, `total_tax`, `total_discounts`, `shipping` (before its discounts),
    `total`. After refunds: the `current_` ones. Payments: the rest.
    """

    subtotal: MoneyBag
    shipping: MoneyBag
    discounted_shipping: MoneyBag
    tax: MoneyBag
    discounts: MoneyBag
    cart_discounts: MoneyBag
    total: MoneyBag
    current_subtotal: MoneyBag
    current_shipping: MoneyBag
    current_tax: MoneyBag
    current_discounts: MoneyBag
    current_cart_discounts: MoneyBag
    current_total: MoneyBag
    received: MoneyBag
    refunded: MoneyBag
    refunded_shipping: MoneyBag
    refund_discrepancy: MoneyBag
    net_payment: MoneyBag
    outstanding: MoneyBag
    capturable: MoneyBag
    zero: MoneyBag


class Order(Struct, frozen=True, kw_only=True, gc=False):
    """An order.

    Attributes:
        index: Position in the shop, from 0; id and number follow from it.
        processed_at: When it was sold; before `created_at` for orders that were imported.
        customer_index: None for a guest, and for a customer that was erased since.
        financial_status: OrderDisplayFinancialStatus; may be None, as in the Admin API.
        app: Id and name of the app it came from.
    """

    index: int
    id: int
    number: int
    confirmation_number: str
    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    is_test: bool
    is_edited: bool
    source_name: str
    app: tuple[int, str]
    customer_index: int | None
    email: str | None
    phone: str | None
    customer_locale: str | None
    note: str | None
    po_number: str | None
    tags: tuple[str, ...]
    custom_attributes: tuple[tuple[str, str], ...]
    is_tax_exempt: bool
    has_taxes_included: bool
    currencies: CurrencyPair
    financial_status: str | None
    fulfillment_status: str
    return_status: str
    shipping_address: Address | None
    billing_address: Address | None
    discount_applications: tuple[DiscountApplication, ...]
    line_items: tuple[LineItem, ...]
    shipping_lines: tuple[ShippingLine, ...]
    refunds: tuple[Refund, ...]
    transactions: tuple[OrderTransaction, ...]
    totals: OrderTotals

    @property
    def name(self) -> str:
        """The number as the merchant sees it, e.g. #1001."""
        return f"#{self.number}"

    @property
    def original_total(self) -> MoneyBag:
        """What was owed before anybody edited its lines."""
        total = self.totals.total
        for line in self.line_items:
            if line.is_added:
                total -= line.subtotal
        return total

    def in_both_currencies(self, shop_minor: int) -> MoneyBag:
        """An amount of the shop's currency with its worth in the customer's, by its rate."""
        total = self.totals.total
        shown = shop_minor
        if total.shop_minor:
            shown = shop_minor * total.presentment_minor // total.shop_minor
        return MoneyBag(shop_minor, shown, self.currencies)

    @property
    def discount_codes(self) -> tuple[str, ...]:
        """Codes that the customer entered."""
        return tuple(a.title for a in self.discount_applications if a.kind == "DISCOUNT_CODE")

    @property
    def gateways(self) -> tuple[str, ...]:
        """Gateways that money went through, in order of first use."""
        return tuple(dict.fromkeys(t.gateway for t in self.transactions))

    @property
    def requires_shipping(self) -> bool:
        """Whether any line has to be shipped."""
        return any(line.requires_shipping for line in self.line_items)
