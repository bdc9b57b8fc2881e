"""REST payloads become the records that are true, or say in which fields they are not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from sync_engine.model.records import Customer, Order, Product, Record
from sync_engine.shopify.mapping.rest import Mapped
from sync_engine.shopify.mapping.rest_customers import RestCustomer, customer_from_rest
from sync_engine.shopify.mapping.rest_orders import STATUS_FIELDS, RestOrder, order_from_rest
from sync_engine.shopify.mapping.rest_products import RestProduct, product_from_rest
from sync_engine.simulator.rest_api.customer_json import customer_json
from sync_engine.simulator.rest_api.order_json import order_json
from sync_engine.simulator.rest_api.product_json import product_json
from sync_engine.simulator.rest_api.scalars import Writer
from sync_engine.simulator.shop import SimulatedShop
from sync_engine.simulator.spec import ShopSpec
from tests.truth import expected_records

SPECS = [
    "dollar:seed=3:customers=60:products=300:orders=250",
    "yen:seed=4:customers=40:products=20:orders=200:timezone=Asia/Tokyo:currency=JPY:country=JP",
    "dinar:customers=40:products=20:orders=200:timezone=Asia/Kuwait:currency=KWD:country=KW",
    "taxed:seed=6:customers=40:products=20:orders=200:currency=EUR:taxes_included=true",
]


def through_json(payload: dict[str, Any], kind: type[Any]) -> Any:
    return msgspec.json.decode(msgspec.json.encode(payload), type=kind)


def as_mapped(shop: SimulatedShop) -> Iterator[Mapped[Record]]:
    """Map everything that the shop's REST API would show, customers, products and orders by id."""
    write, currency = Writer(shop.spec.timezone), shop.currency.code
    for customer in sorted(shop.customers(), key=lambda each: each.id):
        payload = through_json(customer_json(customer, write), RestCustomer)
        yield customer_from_rest(payload, currency)
    for product in sorted(shop.products(), key=lambda each: each.id):
        yield product_from_rest(through_json(product_json(product, write), RestProduct), currency)
    for order in sorted(shop.orders(), key=lambda each: each.id):
        yield order_from_rest(through_json(order_json(order, shop, write), RestOrder))


@pytest.mark.parametrize("spec", SPECS)
def test_every_field_is_true_or_said_to_be_lacking(spec: str) -> None:
    shop = SimulatedShop(ShopSpec.parse(spec))
    truth: list[Record] = [record for records in expected_records(shop) for record in records]
    ids = [record.id for record in truth]
    assert max(ids) > 2**53
    for wanted, found in zip(truth, as_mapped(shop), strict=True):
        for field in wanted.__struct_fields__:
            if field not in found.lacks:
                assert getattr(found.record, field) == getattr(wanted, field), field


def test_only_what_rest_cannot_say_is_lacking() -> None:
    shop = SimulatedShop(ShopSpec.parse(SPECS[0]))
    truth = {record.id: record for records in expected_records(shop) for record in records}
    seen = set()
    for found in as_mapped(shop):
        wanted = truth[found.record.id]
        seen |= {(type(wanted).__name__, field) for field in found.lacks}
        match wanted:
            case Customer():
                assert not found.lacks
            case Product():
                assert found.lacks == ({"variants"} if len(wanted.variants) >= 100 else set())
            case Order():
                assert ("refunds" in found.lacks) is bool(wanted.refunds)
                assert ("fulfillment_status" in found.lacks) is (
                    wanted.fulfillment_status != "FULFILLED"
                )
                assert found.lacks <= STATUS_FIELDS | {"refunds", "total_refunded"}
    assert ("Product", "variants") in seen
    assert ("Order", "financial_status") in seen


def an_order(**changes: Any) -> RestOrder:
    amount = {"shop_money": {"amount": "1.00", "currency_code": "USD"}}
    payload = {
        "id": 2**53 + 1,
        "created_at": "2026-11-01T01:30:00-04:00",
        "updated_at": "2026-11-01T01:30:00-05:00",
        "processed_at": "2026-11-01T01:30:00-04:00",
        "name": "#1",
        "currency": "USD",
        "presentment_currency": "EUR",
        "taxes_included": False,
        "financial_status": "paid",
        "fulfillment_status": "fulfilled",
        "subtotal_price_set": amount,
        "total_discounts_set": amount,
        "total_shipping_price_set": amount,
        "total_tax_set": amount,
        "total_price_set": amount,
        "shipping_lines": [{"discounted_price_set": amount}],
        "tags": "b, a,b , ",
        "line_items": [],
        "refunds": [],
    } | changes
    order: RestOrder = through_json(
        {key: value for key, value in payload.items() if value is not msgspec.UNSET}, RestOrder
    )
    return order


def test_an_order_that_says_everything_lacks_nothing() -> None:
    found = order_from_rest(an_order())
    assert found.lacks == frozenset()
    assert found.record.created_at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert found.record.created_at.tzinfo is UTC
    assert found.record.updated_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert found.record.tags == ("a", "b")
    assert (found.record.id, found.record.customer_id) == (2**53 + 1, None)


PAID = {"discounted_price_set": {"shop_money": {"amount": "2.50"}}}


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        pytest.param({"fulfillment_status": None}, {"fulfillment_status"}, id="not shipped, or?"),
        pytest.param({"fulfillment_status": "partial"}, {"fulfillment_status"}, id="in part"),
        pytest.param({"financial_status": "authorized"}, {"financial_status"}, id="expired, or?"),
        pytest.param({"financial_status": None}, {"financial_status"}, id="no payment"),
        pytest.param({"refunds": [{"id": 1}]}, {"refunds", "total_refunded"}, id="refunds"),
        pytest.param({"refunds": msgspec.UNSET}, {"refunds", "total_refunded"}, id="no word"),
        pytest.param({"shipping_lines": [PAID, PAID]}, {"shipping_charged"}, id="two methods"),
        pytest.param(
            {"shipping_lines": [PAID | {"is_removed": True}]}, {"shipping_charged"}, id="removed"
        ),
        pytest.param({"line_items": msgspec.UNSET}, {"line_items"}, id="no lines"),
        pytest.param({"tags": msgspec.UNSET}, {"tags"}, id="no tags"),
        pytest.param({"processed_at": None}, {"processed_at"}, id="not sold yet"),
        pytest.param({"total_price_set": msgspec.UNSET}, {"total_price"}, id="an old version"),
    ],
)
def test_what_an_order_does_not_say_is_named(changes: dict[str, Any], lacks: set[str]) -> None:
    assert order_from_rest(an_order(**changes)).lacks == lacks


def test_shipping_is_what_was_charged_for_the_only_method() -> None:
    found = order_from_rest(an_order(shipping_lines=[PAID]))
    assert str(found.record.shipping_charged) == "2.50"
    free = order_from_rest(an_order(shipping_lines=[]))
    assert (free.record.shipping_charged, free.lacks) == (Decimal("0.00"), frozenset())


def test_a_webhook_of_a_customer_lacks_what_its_orders_add_up_to() -> None:
    payload = {
        "id": 1,
        "created_at": "2026-11-01T00:00:00Z",
        "updated_at": "2026-11-01T00:00:00Z",
        "first_name": "",
        "last_name": None,
        "email": "ada@example.com",
        "phone": None,
        "state": "enabled",
        "currency": "EUR",
    }
    found = customer_from_rest(through_json(payload, RestCustomer), "JPY")
    assert found.lacks == {"tags", "number_of_orders", "amount_spent"}
    assert found.record.first_name is None
    assert found.record.display_name == "ada@example.com"
    assert (found.record.currency_code, str(found.record.amount_spent)) == ("JPY", "0")


def test_a_customer_whose_name_is_withheld_lacks_what_it_is_called() -> None:
    payload = {
        "id": 1,
        "created_at": "2026-11-01T00:00:00Z",
        "updated_at": "2026-11-01T00:00:00Z",
        "state": "enabled",
        "tags": "",
        "orders_count": 1,
        "total_spent": "5.00",
    }
    found = customer_from_rest(through_json(payload, RestCustomer), "USD")
    assert found.lacks == {"first_name", "last_name", "email", "phone", "display_name"}


def test_a_moment_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="no offset"):
        order_from_rest(an_order(created_at="2026-11-01T00:00:00"))
