"""The merge of versions: the order and the number of arrivals do not matter."""

from datetime import datetime, timedelta

import bson
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.model.records import Customer
from sync_engine.store.codec import CODEC_OPTIONS, Document
from sync_engine.store.records.customers import CUSTOMERS
from sync_engine.store.records.merge import Verdict, resolve
from sync_engine.store.records.orders import ORDERS
from tests.examples import MONDAY, SHOP, TUESDAY, customer, line_item, order

Version = tuple[Customer, datetime]

_STEPS = st.integers(0, 3).map(lambda days: MONDAY + timedelta(days=days))
VERSIONS = st.builds(
    lambda updated_at, observed_at: (
        # What Shopify held when it was seen at that time, so equal times mean equal content.
        customer(updated_at=updated_at, display_name=f"{updated_at} {observed_at}"),
        observed_at,
    ),
    _STEPS,
    _STEPS,
)


def as_read(document: Document) -> Document:
    """Return the document as MongoDB gives it back."""
    return bson.decode(bson.encode(document, codec_options=CODEC_OPTIONS), CODEC_OPTIONS)


def fold(versions: list[Version]) -> Document | None:
    stored: Document | None = None
    for record, observed_at in versions:
        decision, _ = resolve(CUSTOMERS, stored, record, observed_at)
        if decision is not Verdict.KEEP:
            stored = as_read(CUSTOMERS.encode(SHOP, record, observed_at))
    return stored


@given(st.lists(VERSIONS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_any_order_and_repetition_of_arrivals_ends_in_the_same_document(
    versions: list[Version], random: object
) -> None:
    shuffled = [*versions, *versions]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled) == fold(versions)


@given(st.lists(VERSIONS, min_size=1, max_size=6))
def test_the_latest_version_stays(versions: list[Version]) -> None:
    newest, _ = max(versions, key=lambda version: (version[0].updated_at, version[1]))
    stored = fold(versions)
    assert stored is not None
    assert CUSTOMERS.decode(stored) == newest


@given(VERSIONS)
def test_a_deleted_record_stays_deleted_unless_it_is_seen_long_after(version: Version) -> None:
    record, observed_at = version
    tombstone = {"_id": {"shop_id": SHOP, "id": 1}, "updated_at": MONDAY, "deleted_at": MONDAY}
    decision, _ = resolve(CUSTOMERS, tombstone, record, observed_at)
    is_long_after = observed_at > MONDAY + timedelta(hours=1)
    assert decision is (Verdict.UPDATE if is_long_after else Verdict.KEEP)


def test_children_that_are_still_to_come_are_not_taken_away_meanwhile() -> None:
    whole = order(line_items=(line_item(1), line_item(2)))
    stored = as_read(ORDERS.encode(SHOP, whole, MONDAY))
    bare = order(line_items=(line_item(2),))
    decision, record = resolve(ORDERS, stored, bare, TUESDAY, may_lack_children=True)
    assert (decision, record) == (Verdict.KEEP, whole)
    changed = order(line_items=(line_item(2),), name="#9")
    decision, record = resolve(ORDERS, stored, changed, TUESDAY, may_lack_children=True)
    assert decision is Verdict.UPDATE
    assert (record.name, record.line_items) == ("#9", whole.line_items)


def test_a_whole_record_loses_the_children_that_it_lacks() -> None:
    whole = order(line_items=(line_item(1), line_item(2)))
    stored = as_read(ORDERS.encode(SHOP, whole, MONDAY))
    fewer = order(line_items=(line_item(2),))
    assert resolve(ORDERS, stored, fewer, TUESDAY) == (Verdict.UPDATE, fewer)
