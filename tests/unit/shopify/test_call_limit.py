"""The header that says how full the bucket for REST calls is."""

import pytest

from sync_engine.model.shop import BudgetLevel
from sync_engine.shopify.rest.call_limit import call_limit


@pytest.mark.parametrize(
    ("header", "maximum", "available", "rate"),
    [("32/40", 40, 8, 2), ("1/80", 80, 79, 4), ("400/400", 400, 0, 20), (" 0/800 ", 800, 800, 40)],
)
def test_the_rate_follows_from_the_size(
    header: str, maximum: float, available: float, rate: float
) -> None:
    assert call_limit(header) == BudgetLevel(
        maximum=maximum, available=available, restores_per_second=rate
    )


@pytest.mark.parametrize("header", ["", "32", "32/", "/40", "-1/40", "1/0", "٣/٤٠", "1/40, 1/40"])
def test_what_is_no_level_teaches_nothing(header: str) -> None:
    assert call_limit(header) is None
