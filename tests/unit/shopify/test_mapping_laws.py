"""Laws of the way from lines to records: nothing is lost on it, and nothing can stop it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import bson
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync_engine.model.batch import LooseChild, Reject
from sync_engine.model.money import exact_amount
from sync_engine.model.records import Customer, Order, Product, Refund
from sync_engine.model.sync_enums import Resource, SyncErrorCode
from sync_engine.shopify.bulk.formats import export_format
from sync_engine.shopify.bulk.join import LineJoiner
from sync_engine.shopify.mapping.canonical import display_name, sorted_tags
from sync_engine.store.codec import CODEC_OPTIONS, to_document, to_stored_document
from sync_engine.store.records.sealed import UnsealableError, seal_document
from tests.examples import MONDAY, customer, line_item, order, product, variant
from tests.strategies import customers, orders, products
from tests.unit.shopify.lines import WRITERS, LineWriter, Node, encoded


def read(lines: Sequence[bytes], resource: Resource, currency: str = "USD") -> list[Any]:
    """Return the records, loose children and rejects of the lines."""
    joiner = LineJoiner(export_format(resource), currency, size=1000)
    for line in lines:
        assert joiner.add(line, 0) is None
    batch = joiner.finish(0)
    assert batch.lines == len(lines)
    made = [joiner.record(root) for root in batch.roots]
    return [*made, *batch.loose_children, *batch.rejects]


@given(customers(), WRITERS)
def test_a_customer_comes_through_unchanged(record: Customer, writer: LineWriter) -> None:
    canonical = msgspec.structs.replace(
        record,
        tags=sorted_tags(record.tags),
        first_name=record.first_name or None,
        last_name=record.last_name or None,
        email=record.email or None,
        phone=record.phone or None,
        country_code=record.country_code or None,
        display_name=display_name(record.first_name, record.last_name, record.email, record.phone),
    )
    assert read([encoded(writer.customer(record))], Resource.CUSTOMERS) == [canonical]


@given(products(), WRITERS)
def test_a_product_comes_through_unchanged(record: Product, writer: LineWriter) -> None:
    by_id = {variant.id: variant for variant in record.variants}
    variants = tuple(
        msgspec.structs.replace(each, sku=each.sku or None)
        for each in sorted(by_id.values(), key=lambda each: (each.position, each.id))
    )
    lines = [writer.product(record), *(writer.child(each, record) for each in record.variants)]
    found = read([encoded(line) for line in lines], Resource.PRODUCTS, record.currency_code)
    canonical = msgspec.structs.replace(record, variants=variants, tags=sorted_tags(record.tags))
    assert found == [canonical]


@given(orders(), WRITERS)
def test_an_order_comes_through_unchanged_with_the_heads_of_its_refunds(
    record: Order, writer: LineWriter
) -> None:
    zero = exact_amount("0", record.currency_code)
    heads = {
        refund.id: msgspec.structs.replace(
            refund,
            line_items=(),
            shipping=zero,
            shipping_tax=zero,
            adjustment=zero,
            adjustment_tax=zero,
        )
        for refund in record.refunds
    }
    expected = msgspec.structs.replace(
        record,
        refunds=tuple(heads[number] for number in sorted(heads)),
        tags=sorted_tags(record.tags),
        source_name=record.source_name or None,
        country_code=record.country_code or None,
        line_items=tuple(
            msgspec.structs.replace(line, sku=line.sku or None) for line in record.line_items
        ),
    )
    lines = [writer.order(record), *(writer.child(each, record) for each in record.line_items)]
    (found,) = read([encoded(line) for line in lines], Resource.ORDERS)
    assert found == expected
    assert msgspec.json.encode(found) == msgspec.json.encode(expected)  # to the last zero


KEYS = st.sampled_from(["id", "__parentId", "createdAt", "quantity", "price"]) | st.text(max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
_NESTED = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize("resource", Resource)
@given(line=JSON.map(encoded) | st.binary(max_size=40))
@example(line=b"")
@example(line=_NESTED)
@example(line=b'{"id":"gid://shopify/Order/1","new":' + _NESTED + b"}")
@example(line=b'{"__parentId":' + _NESTED + b"}")
@example(line=b'{"id":"\xff"}')
@example(line=b'{"__parentId":"\xff"}')
@example(line=b'{"id":"\\ud800"}')
@example(line=b"9" * 5000)
def test_whatever_a_line_holds_it_is_rejected_alone(resource: Resource, line: bytes) -> None:
    (reject,) = read([line], resource)
    assert isinstance(reject, Reject)
    assert reject.code is SyncErrorCode.MALFORMED_RECORD
    assert len(reject.message) < 500


EXTREMES: list[Any] = [
    2**31,
    -(2**31) - 1,
    2**63,
    10**400,
    1e308,
    "",
    " ",
    "\x00",
    "\ud800",
    "9" * 29,
    "9" * 40,
    "0." + "1" * 40,
    "1e-40",
    "1e-7000",
    "1e7000",
    "NaN",
    "-Infinity",
    "gid://shopify/Order/0",
    "gid://shopify/Order/-1",
    "gid://shopify/Order/1_000",
    f"gid://shopify/Order/{2**63}",
    "gid://shopify/Order/" + "9" * 5000,
    "gid://shopify/Order/",
    "2026-01-01T00:00:00",
    "2026-01-01",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
]


WRITER = LineWriter(zeros=1)
ZERO = Decimal("0.00")
REFUND = Refund(
    id=7,
    created_at=MONDAY,
    total=Decimal("1.50"),
    line_items=(),
    shipping=ZERO,
    shipping_tax=ZERO,
    adjustment=ZERO,
    adjustment_tax=ZERO,
)
ORDER = order(line_items=(line_item(),), refunds=(REFUND,))
PRODUCT = product(variants=(variant(compare_at_price=Decimal(12)),))
WHOLE: list[tuple[Resource, list[Node]]] = [
    (Resource.CUSTOMERS, [WRITER.customer(customer(phone="+49"))]),
    (Resource.PRODUCTS, [WRITER.product(PRODUCT), WRITER.child(PRODUCT.variants[0], PRODUCT)]),
    (Resource.ORDERS, [WRITER.order(ORDER), WRITER.child(ORDER.line_items[0], ORDER)]),
    (Resource.PRODUCTS, [WRITER.child(PRODUCT.variants[0], PRODUCT)]),
    (Resource.ORDERS, [WRITER.child(ORDER.line_items[0], ORDER)]),
]


def damaged(node: Any) -> Iterator[Any]:
    """Yield the node with one value, at any depth, missing or another."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield {name: each for name, each in node.items() if name != key}
            for other in damaged(value):
                yield {**node, key: other}
    elif isinstance(node, list | tuple):
        for place, value in enumerate(node):
            for other in damaged(value):
                yield [*node[:place], other, *node[place + 1 :]]
    yield from EXTREMES


def assert_storable(found: Any) -> None:
    if isinstance(found, Customer | Product | Order):
        assert found.created_at.tzinfo is not None
        assert found.updated_at.tzinfo is not None
        with suppress(UnsealableError):  # goes to the quarantine alone
            seal_document(to_stored_document(found))
    elif isinstance(found, LooseChild):
        assert 0 <= found.parent_id < 2**63
        bson.encode(to_document(found.child), codec_options=CODEC_OPTIONS)


@pytest.mark.parametrize(("resource", "nodes"), WHOLE)
def test_what_is_not_rejected_can_be_stored(resource: Resource, nodes: list[Node]) -> None:
    kept = rejected = 0
    for place, node in enumerate(nodes):
        for other in damaged(node):
            lines = [encoded(each) for each in (*nodes[:place], other, *nodes[place + 1 :])]
            found = read(lines, resource)
            for each in found:
                assert_storable(each)
            is_rejected = any(isinstance(each, Reject) for each in found)
            rejected += is_rejected
            kept += not is_rejected
    assert rejected > 100
    assert kept > 10
