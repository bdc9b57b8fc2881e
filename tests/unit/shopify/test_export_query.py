"""Export queries: valid documents, narrowed to windows without losing an instant."""

from datetime import UTC, datetime, timedelta

import pytest
from graphql import parse, print_ast
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.bulk.export_query import Window, export_query

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("resource", Resource)
def test_a_query_without_window_has_no_filter_and_no_sort_key(resource: Resource) -> None:
    text = print_ast(parse(export_query(resource, Window())))
    assert f"{resource.value.lower()} {{" in text
    assert "sortKey" not in text


def test_a_window_is_a_filter_on_the_time_of_creation_with_quoted_utc_timestamps() -> None:
    window = Window(from_at=BEGIN, until_at=NOW)
    text = export_query(Resource.ORDERS, window)
    expected = "created_at:>='2024-01-01T00:00:00Z' AND created_at:<'2026-01-01T00:00:00Z'"
    assert f'orders(query: "{expected}") {{' in text
    assert "customer_date:>='2024-01-01T00:00:00Z'" in export_query(Resource.CUSTOMERS, window)


def test_other_conditions_stand_before_the_window() -> None:
    text = export_query(Resource.PRODUCTS, Window(from_at=BEGIN), "status:active,draft")
    assert "status:active,draft AND created_at:>=" in text


@given(moments=st.lists(st.integers(0, 2 * 365 * 86_400), max_size=20), depth=st.integers(1, 4))
def test_halving_loses_no_instant_and_doubles_none(moments: list[int], depth: int) -> None:
    windows = [Window()]
    for _ in range(depth):
        windows = [part for window in windows for part in (window.halves(BEGIN, NOW) or (window,))]
    assert len(windows) == 2**depth
    for seconds in moments:
        moment = BEGIN + timedelta(seconds=seconds)
        holding = [
            window
            for window in windows
            if (window.from_at is None or window.from_at <= moment)
            and (window.until_at is None or moment < window.until_at)
        ]
        assert len(holding) == 1


def test_a_window_of_a_second_cannot_be_halved() -> None:
    window = Window(from_at=BEGIN, until_at=BEGIN + timedelta(seconds=1))
    assert window.halves(BEGIN, NOW) is None
