"""Records as documents: nothing is lost between the model and BSON."""

from typing import Any

import bson
import pytest
from bson import Decimal128, Int64
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.model.records import Customer, Order, Product
from sync_engine.store.codec import CODEC_OPTIONS
from sync_engine.store.records.customers import CUSTOMERS
from sync_engine.store.records.kind import RecordKind
from sync_engine.store.records.orders import ORDERS
from sync_engine.store.records.products import PRODUCTS
from tests import strategies
from tests.examples import SHOP, TUESDAY, customer


def through_bson(kind: RecordKind[Any, Any, Any], record: Any) -> Any:
    document = kind.encode(SHOP, record, TUESDAY)
    stored = bson.encode(document, codec_options=CODEC_OPTIONS)
    return kind.decode(bson.decode(stored, CODEC_OPTIONS))


@given(strategies.customers())
def test_a_customer_survives_storage(record: Customer) -> None:
    assert through_bson(CUSTOMERS, record) == record


@given(strategies.products())
def test_a_product_survives_storage(record: Product) -> None:
    assert through_bson(PRODUCTS, record) == record


@given(strategies.orders())
def test_an_order_survives_storage(record: Order) -> None:
    loaded = through_bson(ORDERS, record)
    assert loaded == record
    assert str(loaded.total_price) == str(record.total_price)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=5, min_value=0, max_value=10**9))
def test_money_keeps_every_digit(amount: Any) -> None:
    loaded = through_bson(CUSTOMERS, customer(amount_spent=amount))
    assert str(loaded.amount_spent) == str(amount)


def test_money_is_decimal128_and_ids_are_64_bits_in_the_document() -> None:
    document = CUSTOMERS.encode(SHOP, customer(2**60), TUESDAY)
    stored = bson.decode(bson.encode(document, codec_options=CODEC_OPTIONS))
    assert stored["amount_spent"] == Decimal128("20.00")
    assert isinstance(stored["_id"]["id"], Int64)
    assert stored["_id"] == {"shop_id": SHOP, "id": 2**60}


def test_a_stored_document_of_another_shape_fails_loudly() -> None:
    document = CUSTOMERS.encode(SHOP, customer(), TUESDAY)
    document["tags"] = "not a list"
    with pytest.raises(Exception, match="tags"):
        CUSTOMERS.decode(document)
