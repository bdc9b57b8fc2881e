"""Lines become records: any legal order, any batch size, any damage to single lines."""

from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.model.batch import Reject
from sync_engine.model.records import LineItem, Order, Product, Record
from sync_engine.model.sync_enums import Resource, SyncErrorCode
from sync_engine.shopify.bulk.formats import export_format
from sync_engine.shopify.bulk.join import JoinedBatch, LineJoiner


def money(amount: str, currency: str = "USD") -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": currency}}


def order_line(number: int, **changes: Any) -> bytes:
    node = {
        "id": f"gid://shopify/Order/{number}",
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-02T00:00:00Z",
        "name": f"#{number}",
        "processedAt": "2026-01-01T00:00:00Z",
        "cancelledAt": None,
        "test": False,
        "taxesIncluded": False,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "currencyCode": "USD",
        "presentmentCurrencyCode": "EUR",
        "subtotalPriceSet": money("9.5"),
        "totalDiscountsSet": money("0.5"),
        "totalShippingPriceSet": money("5.0"),
        "totalTaxSet": money("1.0"),
        "totalPriceSet": money("15.5"),
        "totalRefundedSet": money("0.0"),
        "shippingLine": {"discountedPriceSet": money("5.0")},
        "sourceName": "web",
        "shippingAddress": {"countryCodeV2": "DE"},
        "tags": ["a"],
        "customer": {"id": "gid://shopify/Customer/9"},
        "refunds": [],
    }
    return msgspec.json.encode(node | changes)


def line_item_line(number: int, parent: int, **changes: Any) -> bytes:
    node = {
        "id": f"gid://shopify/LineItem/{number}",
        "title": "Shirt",
        "sku": None,
        "quantity": 2,
        "product": None,
        "variant": {"id": "gid://shopify/ProductVariant/5"},
        "originalUnitPriceSet": money("5.0"),
        "discountAllocations": [
            {"allocatedAmountSet": money("0.3")},
            {"allocatedAmountSet": money("0.2")},
        ],
        "__parentId": f"gid://shopify/Order/{parent}",
    }
    return msgspec.json.encode(node | changes)


class Joined(NamedTuple):
    """A batch with its records."""

    batch: JoinedBatch
    records: list[Record]
    rejects: list[Reject]


def join(lines: list[bytes], size: int = 100, resource: Resource = Resource.ORDERS) -> list[Joined]:
    joiner = LineJoiner(export_format(resource), "USD", size)
    batches, offset = [], 0
    for line in lines:
        ended = joiner.add(line, offset)
        if ended is not None:
            batches.append(ended)
        offset += len(line) + 1
    batches.append(joiner.finish(offset))
    joined = []
    for batch in batches:
        made = [joiner.record(root) for root in batch.roots]
        records = [each for each in made if not isinstance(each, Reject)]
        rejects = [each for each in made if isinstance(each, Reject)]
        joined.append(Joined(batch, records, [*batch.rejects, *rejects]))
    return joined


def test_an_order_line_becomes_the_canonical_order() -> None:
    (joined,) = join([order_line(1), line_item_line(11, 1)])
    (order,) = joined.records
    assert isinstance(order, Order)
    assert (order.id, order.customer_id, order.country_code) == (1, 9, "DE")
    assert order.financial_status == "PAID"
    assert str(order.total_price) == "15.50"
    assert str(order.shipping_charged) == "5.00"
    assert order.line_items == (
        LineItem(
            id=11,
            title="Shirt",
            sku=None,
            quantity=2,
            product_id=None,
            variant_id=5,
            unit_price=Decimal("5.00"),
            total_discount=Decimal("0.50"),
        ),
    )


def test_children_that_directly_follow_their_parents_are_never_loose() -> None:
    lines = []
    for number in range(1, 11):
        lines += [order_line(number), line_item_line(number * 10, number)]
    joined = join(lines, size=3)
    assert [len(each.records) for each in joined] == [3, 3, 3, 1]
    assert all(not each.batch.loose_children for each in joined)


@given(
    parents=st.lists(st.integers(1, 5), min_size=0, max_size=20),
    order=st.randoms(use_true_random=False),
    size=st.integers(1, 4),
)
def test_every_child_is_given_out_once_and_every_line_is_counted(
    parents: list[int], order: Any, size: int
) -> None:
    lines = [order_line(number) for number in range(1, 6)]
    lines += [line_item_line(100 + place, parent) for place, parent in enumerate(parents)]
    order.shuffle(lines)
    joined = join(lines, size=size)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for each in joined:
        for record in each.records:
            assert isinstance(record, Order)
            found[record.id] += [line.id for line in record.line_items]
        for loose in each.batch.loose_children:
            found[loose.parent_id].append(loose.child.id)
    expected = defaultdict(list)
    for place, parent in enumerate(parents):
        expected[parent].append(100 + place)
    assert {key: sorted(value) for key, value in found.items() if value} == dict(expected)
    assert sum(each.batch.lines for each in joined) == len(lines)
    assert sum(each.batch.root_lines for each in joined) == 5
    assert sorted(record.id for each in joined for record in each.records) == [1, 2, 3, 4, 5]


@given(size=st.integers(1, 5))
def test_reading_on_from_a_batch_gives_what_is_left(size: int) -> None:
    lines = [order_line(number) for number in range(1, 12)]
    text = b"".join(line + b"\n" for line in lines)
    first = join(lines, size=size)[0]
    rest = text[first.batch.next_byte :].split(b"\n")[:-1]
    left = [record.id for each in join(rest, size=size) for record in each.records]
    assert [record.id for record in first.records] + left == list(range(1, 12))


def test_a_record_that_comes_twice_keeps_the_children_of_both() -> None:
    lines = [order_line(1, name="old"), line_item_line(11, 1), order_line(1, name="new")]
    (joined,) = join([*lines, line_item_line(12, 1)])
    (order,) = joined.records
    assert isinstance(order, Order)
    assert order.name == "new"
    assert [line.id for line in order.line_items] == [11, 12]
    assert (joined.batch.lines, joined.batch.root_lines) == (4, 2)


def test_a_flood_of_children_is_given_out_in_bounded_pieces() -> None:
    lines = [line_item_line(number, 1) for number in range(1, 101)]
    assert max(len(each.batch.loose_children) for each in join(lines, size=1)) <= 20


def rejects_of(line: bytes) -> list[tuple[SyncErrorCode, str | None, bool]]:
    (joined,) = join([order_line(1), line, order_line(2)])
    assert [record.id for record in joined.records] == [1, 2]
    assert joined.batch.lines == 3
    return [(reject.code, reject.resource_id, reject.is_record) for reject in joined.rejects]


def test_a_line_that_is_not_json_is_rejected_alone() -> None:
    assert rejects_of(b'{"id": "gid://sho') == [(SyncErrorCode.MALFORMED_RECORD, None, True)]


def test_a_line_that_nests_without_end_is_rejected_alone() -> None:
    line = b'{"id": "gid://shopify/Order/7", "note": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert rejects_of(line) == [(SyncErrorCode.MALFORMED_RECORD, None, True)]


def test_a_record_without_id_is_rejected_alone() -> None:
    line = msgspec.json.encode({"createdAt": "2026-01-01T00:00:00Z"})
    assert rejects_of(line) == [(SyncErrorCode.MALFORMED_RECORD, None, True)]


def test_a_record_with_a_wrong_field_is_rejected_under_its_id() -> None:
    assert rejects_of(order_line(7, createdAt="yesterday")) == [
        (SyncErrorCode.MALFORMED_RECORD, "gid://shopify/Order/7", True)
    ]


def test_a_record_with_an_amount_that_is_none_is_rejected_under_its_id() -> None:
    assert rejects_of(order_line(7, totalPriceSet=money("a lot"))) == [
        (SyncErrorCode.MALFORMED_RECORD, "gid://shopify/Order/7", True)
    ]


def test_a_bad_child_is_rejected_as_a_part() -> None:
    assert rejects_of(line_item_line(5, 1, quantity="two")) == [
        (SyncErrorCode.MALFORMED_RECORD, "gid://shopify/Order/1", False)
    ]


def test_variants_stand_in_the_order_of_their_positions() -> None:
    product = {
        "id": "gid://shopify/Product/1",
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-02T00:00:00Z",
        "title": "T",
        "handle": "t",
        "vendor": "",
        "productType": "",
        "status": "DRAFT",
        "tags": [],
    }
    variants = [
        {
            "id": f"gid://shopify/ProductVariant/{number}",
            "title": "V",
            "sku": "",
            "price": "1.0",
            "compareAtPrice": None,
            "inventoryQuantity": None,
            "position": position,
            "__parentId": "gid://shopify/Product/1",
        }
        for number, position in ((1, 3), (2, 1), (3, 2))
    ]
    lines = [msgspec.json.encode(each) for each in (product, *variants)]
    (joined,) = join(lines, resource=Resource.PRODUCTS)
    (record,) = joined.records
    assert isinstance(record, Product)
    assert [variant.id for variant in record.variants] == [2, 3, 1]
