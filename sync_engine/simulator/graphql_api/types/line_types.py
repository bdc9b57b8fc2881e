"""LineItem, ShippingLine, TaxLine and discounts.

Codes only ever discount whole orders and shipping here, so `discountedTotalSet` is the same with
and without its `withCodeDiscounts`.
"""

from operator import attrgetter

from msgspec import Struct

from sync_engine.simulator.gids import gid
from sync_engine.simulator.graphql_api.execution import (
    Arguments,
    BoundField,
    Execution,
    Field,
    FieldTable,
    Getter,
)
from sync_engine.simulator.graphql_api.types.money_types import bag, shop_text
from sync_engine.simulator.graphql_api.types.product_types import Weight
from sync_engine.simulator.records.line_item import (
    DiscountApplication,
    LineItem,
    ShippingLine,
)
from sync_engine.simulator.records.money import Money, MoneyBag


class Percentage(Struct, frozen=True):
    """A discount's value in percent."""

    percentage: float


class Attribute(Struct, frozen=True):
    """A key with a value, as merchants and apps attach them."""

    key: str
    value: str | None


def attributes(pairs: tuple[tuple[str, str], ...]) -> list[Attribute]:
    """Custom attributes as their GraphQL type."""
    return [Attribute(key, value) for key, value in pairs]


def _product(_arguments: Arguments, execution: Execution) -> Getter:
    find = execution.state.lookup.lazy_product
    return lambda line: find(line.product_id)


def _variant(_arguments: Arguments, execution: Execution) -> Getter:
    find = execution.state.lookup.lazy_variant
    return lambda line: find(line.variant_id)


def _first_taxes(arguments: Arguments, _execution: Execution) -> Getter:
    first = arguments.get("first")
    return lambda line: line.tax_lines[:first]


def _value(application: DiscountApplication) -> Percentage | Money:
    if application.fixed_amount is not None:
        return application.fixed_amount.presentment_money
    return Percentage(float(application.percentage or 0))


def _after_all(line: LineItem) -> MoneyBag:
    return line.subtotal.divided(line.quantity)


def _unfulfilled(line: LineItem, total: MoneyBag) -> MoneyBag:
    units, of = line.unfulfilled_quantity, line.quantity
    return MoneyBag(
        total.shop_minor * units // of, total.presentment_minor * units // of, total.pair
    )


def _before_taxes(has_taxes_included: bool, line: LineItem) -> MoneyBag:  # noqa: FBT001
    left = line.subtotal - line.refunded_subtotal
    return left - (line.tax - line.refunded_tax) if has_taxes_included else left


def _price_before_taxes(_arguments: Arguments, execution: Execution) -> Getter:
    included = execution.shop.spec.taxes_included
    return lambda line: _before_taxes(included, line)


LINE_ITEM: FieldTable = {
    "currentQuantity": Field(attrgetter("current_quantity")),
    "customAttributes": Field(lambda line: attributes(line.custom_attributes)),
    "discountAllocations": Field(attrgetter("discount_allocations")),
    "discountedTotal": shop_text(attrgetter("discounted_total")),
    "discountedTotalSet": Field(attrgetter("discounted_total")),
    "discountedUnitPrice": shop_text(lambda line: line.discounted_total.divided(line.quantity)),
    "discountedUnitPriceAfterAllDiscountsSet": Field(_after_all),
    "discountedUnitPriceSet": Field(lambda line: line.discounted_total.divided(line.quantity)),
    "id": Field(lambda line: gid("LineItem", line.id)),
    "isGiftCard": Field(attrgetter("is_gift_card")),
    "merchantEditable": Field(lambda _: True),
    "name": Field(attrgetter("name")),
    "nonFulfillableQuantity": Field(attrgetter("refunded_quantity")),
    "originalTotal": shop_text(attrgetter("original_total")),
    "originalTotalSet": Field(attrgetter("original_total")),
    "originalUnitPrice": shop_text(attrgetter("unit_price")),
    "originalUnitPriceSet": bag("unit_price"),
    "priceAfterAllDiscountsBeforeTaxesSet": BoundField(_price_before_taxes),
    "product": BoundField(_product),
    "quantity": Field(attrgetter("quantity")),
    "refundableQuantity": Field(attrgetter("current_quantity")),
    "requiresShipping": Field(attrgetter("requires_shipping")),
    "restockable": Field(lambda line: line.product_id is not None),
    "sku": Field(attrgetter("sku")),
    "taxLines": BoundField(_first_taxes),
    "taxable": Field(attrgetter("is_taxable")),
    "title": Field(attrgetter("title")),
    "totalDiscount": shop_text(attrgetter("line_discount")),
    "totalDiscountSet": bag("line_discount"),
    "unfulfilledDiscountedTotalSet": Field(lambda line: _unfulfilled(line, line.discounted_total)),
    "unfulfilledOriginalTotalSet": Field(
        lambda line: line.unit_price.times(line.unfulfilled_quantity)
    ),
    "unfulfilledQuantity": Field(attrgetter("unfulfilled_quantity")),
    "variant": BoundField(_variant),
    "variantTitle": Field(attrgetter("variant_title")),
    "vendor": Field(attrgetter("vendor")),
    "weight": Field(lambda line: Weight(line.weight_grams)),
}
ATTRIBUTE: FieldTable = {"key": Field(attrgetter("key")), "value": Field(attrgetter("value"))}
TAX_LINE: FieldTable = {
    "channelLiable": Field(lambda _: False),
    "price": shop_text(attrgetter("price")),
    "priceSet": bag("price"),
    "rate": Field(attrgetter("rate")),
    "ratePercentage": Field(lambda tax: tax.rate_ppm / 10_000),
    "source": Field(lambda _: None),
    "title": Field(attrgetter("title")),
}
DISCOUNT_ALLOCATION: FieldTable = {
    "allocatedAmount": Field(lambda allocation: allocation.amount.shop_money),
    "allocatedAmountSet": bag("amount"),
    "discountApplication": Field(attrgetter("application")),
}
DISCOUNT_APPLICATION: FieldTable = {
    "allocationMethod": Field(attrgetter("allocation_method")),
    "index": Field(attrgetter("index")),
    "targetSelection": Field(attrgetter("target_selection")),
    "targetType": Field(attrgetter("target_type")),
    "value": Field(_value),
}
TITLED_DISCOUNT_APPLICATION: FieldTable = {
    **DISCOUNT_APPLICATION,
    "title": Field(attrgetter("title")),
}
MANUAL_DISCOUNT_APPLICATION: FieldTable = {
    **TITLED_DISCOUNT_APPLICATION,
    "description": Field(attrgetter("description")),
}
SCRIPT_DISCOUNT_APPLICATION: FieldTable = {
    **TITLED_DISCOUNT_APPLICATION,
    "description": Field(attrgetter("title")),
}
DISCOUNT_CODE_APPLICATION: FieldTable = {
    **DISCOUNT_APPLICATION,
    "code": Field(attrgetter("title")),
}
PERCENTAGE: FieldTable = {"percentage": Field(attrgetter("percentage"))}


def _current_shipping(line: ShippingLine) -> MoneyBag:
    return line.discounted_price - line.refunded


SHIPPING_LINE: FieldTable = {
    "carrierIdentifier": Field(lambda _: None),
    "code": Field(attrgetter("code")),
    "currentDiscountedPriceSet": Field(_current_shipping),
    "custom": Field(lambda _: False),
    "deliveryCategory": Field(lambda _: None),
    "discountAllocations": Field(attrgetter("discount_allocations")),
    "discountedPrice": Field(lambda line: line.discounted_price.shop_money),
    "discountedPriceSet": bag("discounted_price"),
    "id": Field(lambda line: gid("ShippingLine", line.id)),
    "isRemoved": Field(lambda _: False),
    "originalPrice": Field(lambda line: line.price.shop_money),
    "originalPriceSet": bag("price"),
    "phone": Field(lambda _: None),
    "price": shop_text(attrgetter("price")),
    "shippingRateHandle": Field(lambda _: None),
    "source": Field(attrgetter("source")),
    "taxLines": Field(attrgetter("tax_lines")),
    "title": Field(attrgetter("title")),
}
