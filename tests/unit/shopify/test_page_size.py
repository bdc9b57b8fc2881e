"""Pages grow to what Shopify allows and are never refused for having grown."""

from math import floor, log

from hypothesis import assume, given
from hypothesis import strategies as st

from sync_engine.shopify.pages.page_size import PageSize


def price(size: int, node: int) -> float:
    """Return what a page costs by Shopify's formula."""
    return 2.0 + node * floor(2 * log(max(2, size)))


@given(node=st.integers(1, 140), most=st.integers(1, 250))
def test_a_page_that_grows_is_never_refused(node: int, most: int) -> None:
    size = PageSize(most)
    assume(price(size.records, node) <= 1000)
    for _ in range(20):
        cost = price(size.records, node)
        assert cost <= 1000
        assert size.records <= most
        assert size.most_points is None or cost <= size.most_points
        size.learn(cost)
    assert size.records >= 0.75 * most or price(size.records, node) > 700


def test_cheap_records_come_in_the_largest_pages() -> None:
    size = PageSize(1000)
    size.learn(price(size.records, 5))
    assert size.records == 250


def test_a_page_that_is_refused_is_halved_and_does_not_grow_again() -> None:
    size = PageSize(250)
    assert size.shrink()
    assert size.records == 25
    size.learn(10)
    assert size.records == 25


def test_a_single_record_that_is_too_dear_cannot_be_had() -> None:
    size = PageSize(2)
    assert size.shrink()
    assert not size.shrink()


def test_a_price_that_shopify_does_not_name_changes_nothing() -> None:
    size = PageSize(250)
    size.learn(None)
    assert size.records == 50
