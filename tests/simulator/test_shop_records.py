from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.simulator.generate.assignment import Assignment
from sync_engine.simulator.shop import RecordGoneError, SimulatedShop
from sync_engine.simulator.spec import ShopSpec


@pytest.fixture(scope="module")
def shop() -> SimulatedShop:
    return SimulatedShop(ShopSpec.parse("demo:seed=3:customers=700:products=300:orders=3000"))


@settings(max_examples=60)
@given(
    customers=st.integers(0, 300),
    orders=st.integers(0, 500),
    seed=st.integers(-1000, 1000),
)
def test_orders_of_a_customer_are_those_that_point_at_it(
    customers: int, orders: int, seed: int
) -> None:
    assignment = Assignment(ShopSpec(name="demo", customers=customers, orders=orders, seed=seed))
    expected: dict[int, list[int]] = {}
    for order in range(orders):
        customer = assignment.customer_of(order)
        if customer is not None:
            expected.setdefault(customer, []).append(order)
    found = {c: assignment.orders_of(c) for c in range(customers)}
    assert {c: found_orders for c, found_orders in found.items() if found_orders} == expected


def test_customers_know_what_their_orders_add_up_to(shop: SimulatedShop) -> None:
    count: Counter[int] = Counter()
    spent: dict[int, Decimal] = {}
    last: dict[int, int] = {}
    for order in shop.orders():
        if order.customer_index is None or order.is_test:
            continue
        count[order.customer_index] += 1
        spent[order.customer_index] = (
            spent.get(order.customer_index, Decimal(0)) + order.totals.net_payment.shop
        )
        last[order.customer_index] = order.id
    for customer in shop.customers():
        assert customer.number_of_orders == count[customer.index]
        assert customer.amount_spent.amount == spent.get(customer.index, Decimal(0))
        assert customer.last_order_id == last.get(customer.index)


def test_a_shop_has_the_shapes_that_real_ones_have(shop: SimulatedShop) -> None:
    orders = list(shop.orders())
    size = len(orders)
    assert 0.03 < sum(bool(o.refunds) for o in orders) / size < 0.05
    assert 0.1 < sum(o.customer_index is None for o in orders) / size < 0.25
    assert any(o.customer_index is None and o.email is None for o in orders), "erased customers"
    assert any(len(o.refunds) > 1 for o in orders)
    assert any(len(o.line_items) >= 60 for o in orders)
    assert any(o.cancelled_at and o.refunds for o in orders)
    assert any(o.cancelled_at and not o.refunds for o in orders)
    assert any(o.is_test for o in orders)
    assert any(not o.shipping_lines for o in orders)
    assert any(o.shipping_lines and not o.totals.discounted_shipping for o in orders)
    assert any(o.processed_at < o.created_at for o in orders)
    assert any("🙏" in (o.note or "") for o in orders)
    assert {o.financial_status for o in orders} >= {
        "PAID", "PENDING", "AUTHORIZED", "VOIDED", "REFUNDED", "PARTIALLY_REFUNDED", None,
    }  # fmt: skip
    assert len({o.currencies.presentment.code for o in orders}) == 6
    lines = [line for o in orders for line in o.line_items]
    assert any(line.product_id is None and line.vendor is None for line in lines), "custom"
    assert any(line.product_id is None and line.vendor is not None for line in lines), "deleted"
    adjustments = [a for o in orders for r in o.refunds for a in r.adjustments]
    assert any(a.amount.shop_minor < 0 for a in adjustments), "goodwill"
    assert any(a.amount.shop_minor > 0 for a in adjustments), "fees kept"


def test_customers_and_products_have_the_shapes_that_real_ones_have(shop: SimulatedShop) -> None:
    customers, products = list(shop.customers()), list(shop.products())
    assert any(c.email is None for c in customers)
    assert any(not c.first_name and not c.last_name for c in customers)
    assert any(not c.addresses for c in customers)
    assert all(c.display_name for c in customers)
    assert any(len(p.variants) > 100 for p in products)
    variants = [v for p in products for v in p.variants]
    assert any(v.sku is None for v in variants)
    assert any(v.inventory_quantity < 0 for v in variants)
    assert any(v.compare_at_price is not None for v in variants)
    assert len({v.id for v in variants}) == len(variants)


def test_creation_ascends_with_ids_and_changes_come_later(shop: SimulatedShop) -> None:
    for records in (list(shop.customers()), list(shop.products()), list(shop.orders())):
        moments = [(r.id, r.created_at) for r in records]
        assert [m for _, m in sorted(moments)] == sorted(m for _, m in moments)
        assert len({id_ for id_, _ in moments}) == len(moments)
        assert all(r.updated_at >= r.created_at for r in records)
        assert all(r.created_at.microsecond == 0 for r in records)


def test_nobody_orders_before_becoming_a_customer_or_before_the_product_exists(
    shop: SimulatedShop,
) -> None:
    created = {p.id: p.created_at for p in shop.products()}
    for order in shop.orders():
        if order.customer_index is not None:
            assert (
                shop.customer_set.created_at_seconds(order.customer_index)
                <= order.created_at.timestamp()
            )
        for line in order.line_items:
            assert line.product_id is None or created[line.product_id] <= order.created_at


def test_ids_lie_on_both_sides_of_two_to_the_53rd(shop: SimulatedShop) -> None:
    limit = 2**53
    for ids in (
        [o.id for o in shop.orders()],
        [c.id for c in shop.customers()],
        [line.id for o in shop.orders() for line in o.line_items],
    ):
        assert min(ids) < limit < max(ids)
    small = SimulatedShop(ShopSpec.parse("demo:ids=small:orders=50"))
    assert all(o.id < limit for o in small.orders())


def test_a_million_orders_need_no_time_to_open() -> None:
    shop = SimulatedShop(ShopSpec.parse("big:orders=1000000:customers=200000:products=20000"))
    assert len(shop.order_set) == 1_000_000
    assert shop.order(999_999).number == 1_001_000
    assert shop.customer(123_456).index == 123_456


def test_there_is_no_record_beyond_the_last(shop: SimulatedShop) -> None:
    with pytest.raises(RecordGoneError):
        shop.order(3000)
    with pytest.raises(RecordGoneError):
        shop.customer(-1)


def test_a_shop_may_be_empty() -> None:
    empty = SimulatedShop(ShopSpec.parse("empty:customers=0:products=0:orders=0"))
    assert list(empty.orders()) == []
    assert list(empty.customers()) == []
    assert list(empty.products()) == []
