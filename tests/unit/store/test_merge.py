"""The merge of versions: the order and the number of arrivals do not matter."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sync_engine.model.records import Customer
from sync_engine.store.codec import Document
from sync_engine.store.records.customers import CUSTOMERS
from sync_engine.store.records.merge import Verdict, verdict
from tests.examples import MONDAY, SHOP, customer

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


def fold(versions: list[Version]) -> Document | None:
    stored: Document | None = None
    for record, observed_at in versions:
        if verdict(CUSTOMERS, stored, record, observed_at) is not Verdict.KEEP:
            stored = CUSTOMERS.encode(SHOP, record, observed_at)
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
def test_a_deleted_record_stays_deleted(version: Version) -> None:
    record, observed_at = version
    tombstone = {"_id": {"shop_id": SHOP, "id": 1}, "updated_at": MONDAY, "deleted_at": MONDAY}
    assert verdict(CUSTOMERS, tombstone, record, observed_at) is Verdict.KEEP
