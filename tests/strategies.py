"""Random records for property tests: every shape that the canonical classes allow."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from sync_engine.model.money import currency_decimals
from sync_engine.model.records import (
    Customer,
    LineItem,
    Order,
    Product,
    ProductVariant,
    Refund,
    RefundLineItem,
)

CURRENCIES = ("USD", "EUR", "JPY", "KWD")
IDS = st.integers(1, 2**63 - 1) | st.integers(2**53 - 2, 2**53 + 2)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
OPTIONAL_TEXTS = st.none() | TEXTS
TAGS = st.lists(TEXTS.filter(bool), max_size=3, unique=True).map(tuple)
MOMENTS = st.integers(0, 20 * 365 * 86_400_000).map(
    lambda milliseconds: datetime(2009, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
)


def amounts(currency: str) -> st.SearchStrategy[Decimal]:
    """Return amounts spelled as the currency is."""
    return st.decimals(-(10**9), 10**9, places=currency_decimals(currency))


@st.composite
def customers(draw: st.DrawFn) -> Customer:
    """Draw a customer."""
    currency = draw(st.sampled_from(CURRENCIES))
    created_at = draw(MOMENTS)
    return Customer(
        id=draw(IDS),
        created_at=created_at,
        updated_at=created_at + timedelta(seconds=draw(st.integers(0, 10**8))),
        display_name=draw(TEXTS),
        first_name=draw(OPTIONAL_TEXTS),
        last_name=draw(OPTIONAL_TEXTS),
        email=draw(OPTIONAL_TEXTS),
        phone=draw(OPTIONAL_TEXTS),
        state=draw(st.sampled_from(["ENABLED", "DISABLED", "INVITED", "DECLINED"])),
        tags=draw(TAGS),
        country_code=draw(st.sampled_from([None, "DE", "JP"])),
        number_of_orders=draw(st.integers(0, 2**40)),
        amount_spent=draw(amounts(currency)),
        currency_code=currency,
    )


@st.composite
def variants(draw: st.DrawFn, currency: str, position: int) -> ProductVariant:
    """Draw a variant."""
    return ProductVariant(
        id=draw(IDS),
        title=draw(TEXTS),
        sku=draw(OPTIONAL_TEXTS),
        price=draw(amounts(currency)),
        compare_at_price=draw(st.none() | amounts(currency)),
        inventory_quantity=draw(st.none() | st.integers(-(10**6), 10**6)),
        position=position,
    )


@st.composite
def products(draw: st.DrawFn) -> Product:
    """Draw a product with its variants in order."""
    currency = draw(st.sampled_from(CURRENCIES))
    created_at = draw(MOMENTS)
    count = draw(st.integers(0, 3))
    return Product(
        id=draw(IDS),
        created_at=created_at,
        updated_at=created_at + timedelta(seconds=draw(st.integers(0, 10**8))),
        title=draw(TEXTS),
        handle=draw(TEXTS),
        vendor=draw(TEXTS),
        product_type=draw(TEXTS),
        status=draw(st.sampled_from(["ACTIVE", "ARCHIVED", "DRAFT", "UNLISTED"])),
        tags=draw(TAGS),
        currency_code=currency,
        variants=tuple(draw(variants(currency, position + 1)) for position in range(count)),
    )


@st.composite
def line_items(draw: st.DrawFn, currency: str) -> LineItem:
    """Draw a line."""
    return LineItem(
        id=draw(IDS),
        title=draw(TEXTS),
        sku=draw(OPTIONAL_TEXTS),
        quantity=draw(st.integers(0, 10**6)),
        product_id=draw(st.none() | IDS),
        variant_id=draw(st.none() | IDS),
        unit_price=draw(amounts(currency)),
        total_discount=draw(amounts(currency)),
    )


@st.composite
def refunds(draw: st.DrawFn, currency: str) -> Refund:
    """Draw a refund."""
    return Refund(
        id=draw(IDS),
        created_at=draw(MOMENTS),
        total=draw(amounts(currency)),
        line_items=tuple(
            RefundLineItem(
                line_item_id=draw(IDS),
                quantity=draw(st.integers(0, 10**6)),
                subtotal=draw(amounts(currency)),
                tax=draw(amounts(currency)),
            )
            for _ in range(draw(st.integers(0, 2)))
        ),
        shipping=draw(amounts(currency)),
        shipping_tax=draw(amounts(currency)),
        adjustment=draw(amounts(currency)),
        adjustment_tax=draw(amounts(currency)),
    )


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Draw an order with its lines by id."""
    currency = draw(st.sampled_from(CURRENCIES))
    created_at = draw(MOMENTS)
    lines = draw(st.lists(line_items(currency), max_size=3, unique_by=lambda line: line.id))
    return Order(
        id=draw(IDS),
        created_at=created_at,
        updated_at=created_at + timedelta(seconds=draw(st.integers(0, 10**8))),
        name=draw(TEXTS),
        processed_at=draw(MOMENTS),
        cancelled_at=draw(st.none() | MOMENTS),
        test=draw(st.booleans()),
        taxes_included=draw(st.booleans()),
        financial_status=draw(st.sampled_from([None, "PAID", "REFUNDED"])),
        fulfillment_status=draw(st.sampled_from([None, "FULFILLED", "ON_HOLD"])),
        currency_code=currency,
        presentment_currency_code=draw(st.sampled_from(CURRENCIES)),
        subtotal=draw(amounts(currency)),
        total_discounts=draw(amounts(currency)),
        total_shipping=draw(amounts(currency)),
        shipping_charged=draw(amounts(currency)),
        total_tax=draw(amounts(currency)),
        total_price=draw(amounts(currency)),
        total_refunded=draw(amounts(currency)),
        source_name=draw(OPTIONAL_TEXTS),
        country_code=draw(st.sampled_from([None, "DE", "JP"])),
        tags=draw(TAGS),
        customer_id=draw(st.none() | IDS),
        line_items=tuple(sorted(lines, key=lambda line: line.id)),
        refunds=tuple(draw(st.lists(refunds(currency), max_size=2))),
    )
