"""Sums of orders agree to the last minor unit, in both currencies, for every seed and currency."""

from decimal import Decimal
from functools import reduce
from operator import add

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_engine.simulator.currency import CURRENCIES
from sync_engine.simulator.records.line_item import LineItem
from sync_engine.simulator.records.money import MoneyBag
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.shop import SimulatedShop
from sync_engine.simulator.spec import ShopSpec

shops = st.builds(
    ShopSpec,
    name=st.just("demo"),
    seed=st.integers(-(10**9), 10**9),
    customers=st.integers(0, 40),
    products=st.integers(0, 20),
    orders=st.just(400),
    currency=st.sampled_from(sorted(CURRENCIES)),
    country=st.sampled_from(["US", "DE", "CA", "JP", "KW"]),
    taxes_included=st.booleans(),
).map(SimulatedShop)
orders = st.builds(lambda shop, index: shop.order(index), shops, st.integers(0, 399))
refunded = st.builds(
    lambda shop: [order for order in shop.orders() if order.refunds], shops
).filter(bool)

# A shop's orders take a while to make, longer still on a busy machine.
few_shops = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def total(bags: list[MoneyBag], order: Order) -> MoneyBag:
    return reduce(add, bags, order.totals.zero)


def non_negative(bag: MoneyBag) -> bool:
    return bag.shop_minor >= 0 and bag.presentment_minor >= 0


def check_line(line: LineItem) -> None:
    allocated = total_of_allocations(line)
    assert allocated == line.line_discount + line.order_discount
    assert line.subtotal == line.original_total - line.line_discount - line.order_discount
    assert line.discounted_total == line.original_total - line.line_discount
    assert non_negative(line.subtotal)
    assert line.tax == reduce(add, (t.price for t in line.tax_lines), line.subtotal - line.subtotal)
    assert 0 <= line.current_quantity <= line.quantity
    assert non_negative(line.subtotal - line.refunded_subtotal)
    assert non_negative(line.tax - line.refunded_tax)


def total_of_allocations(line: LineItem) -> MoneyBag:
    zero = line.subtotal - line.subtotal
    return reduce(add, (a.amount for a in line.discount_allocations), zero)


def check_sums(order: Order) -> None:
    totals = order.totals
    for line in order.line_items:
        check_line(line)
    assert totals.subtotal == total([line.subtotal for line in order.line_items], order)
    assert totals.shipping == total([line.price for line in order.shipping_lines], order)
    discounted = total([line.discounted_price for line in order.shipping_lines], order)
    assert totals.discounted_shipping == discounted
    taxes = [line.tax for line in order.line_items] + [line.tax for line in order.shipping_lines]
    assert totals.tax == total(taxes, order)
    discounts = [line.line_discount + line.order_discount for line in order.line_items]
    assert totals.discounts == total(discounts, order) + totals.shipping - discounted
    added_tax = totals.zero if order.has_taxes_included else totals.tax
    assert totals.total == totals.subtotal + discounted + added_tax


@given(orders)
def test_lines_add_up_to_the_order(order: Order) -> None:
    check_sums(order)


@given(orders)
def test_a_fixed_order_discount_is_allocated_to_the_last_cent(order: Order) -> None:
    for application in order.discount_applications:
        if not application.is_order_level or application.fixed_amount is None:
            continue
        spread = total([line.order_discount for line in order.line_items], order)
        after_own = total([line.discounted_total for line in order.line_items], order)
        assert spread.shop_minor == min(application.fixed_amount.shop_minor, after_own.shop_minor)
        assert spread.presentment_minor == min(
            application.fixed_amount.presentment_minor, after_own.presentment_minor
        )


@few_shops
@given(refunded)
def test_refunds_give_back_what_their_parts_say(with_refunds: list[Order]) -> None:
    for order in with_refunds:
        included = order.has_taxes_included
        for refund in order.refunds:
            expected = order.totals.zero
            for line in refund.line_items:
                expected += line.subtotal if included else line.subtotal + line.tax
            for back in refund.shipping_lines:
                expected += back.subtotal if included else back.subtotal + back.tax
            for adjustment in refund.adjustments:
                expected -= adjustment.amount + adjustment.tax_amount
            assert refund.total == expected
            moved = total([t.amount for t in refund.transactions], order)
            assert moved == refund.total
        assert order.totals.refunded == total([r.total for r in order.refunds], order)


@few_shops
@given(refunded)
def test_what_is_left_of_an_order_follows_from_its_refunds(with_refunds: list[Order]) -> None:
    for order in with_refunds:
        totals = order.totals
        for line in order.line_items:
            check_line(line)
            units = sum(
                back.quantity
                for refund in order.refunds
                for back in refund.line_items
                if back.line_item.id == line.id
            )
            assert line.current_quantity == line.quantity - units
        back = [line for refund in order.refunds for line in refund.line_items]
        assert totals.current_subtotal == totals.subtotal - total(
            [line.subtotal for line in back], order
        )
        shipping = [line.subtotal for refund in order.refunds for line in refund.shipping_lines]
        assert totals.refunded_shipping == total(shipping, order)
        assert totals.current_shipping == totals.discounted_shipping - totals.refunded_shipping
        assert totals.net_payment == totals.received - totals.refunded
        assert totals.outstanding == totals.zero
        assert non_negative(totals.current_total)


@few_shops
@given(refunded)
def test_refunded_lines_are_those_of_the_order(with_refunds: list[Order]) -> None:
    for order in with_refunds:
        for refund in order.refunds:
            for back in refund.line_items:
                assert back.line_item == order.line_items[back.line_item.position]


@few_shops
@given(refunded)
def test_the_financial_status_says_how_much_went_back(with_refunds: list[Order]) -> None:
    for order in with_refunds:
        totals = order.totals
        if not totals.received:
            assert order.financial_status == "PAID"
        elif totals.refunded == totals.received:
            assert order.financial_status == "REFUNDED"
        elif totals.refunded:
            assert order.financial_status == "PARTIALLY_REFUNDED"


@given(orders)
def test_amounts_have_the_decimals_of_their_currency(order: Order) -> None:
    bag = order.totals.total
    for amount, currency in (
        (bag.shop, order.currencies.shop),
        (bag.presentment, order.currencies.presentment),
    ):
        assert amount.as_tuple().exponent == -currency.exponent
        assert amount == Decimal(str(amount))


@given(orders)
def test_moments_follow_each_other(order: Order) -> None:
    later = [order.closed_at, order.cancelled_at, *(r.created_at for r in order.refunds)]
    assert order.processed_at <= order.created_at <= order.updated_at
    assert all(order.created_at < moment <= order.updated_at for moment in later if moment)
    days = [(refund.created_at - order.created_at).days for refund in order.refunds]
    assert all(day <= 41 for day in days)
    assert days == sorted(days)
