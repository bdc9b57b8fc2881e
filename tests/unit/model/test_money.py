"""Amounts: one value has one spelling in its currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.model.money import currency_decimals, exact_amount
from tests.strategies import CURRENCIES


@pytest.mark.parametrize(
    ("text", "currency", "spelling"),
    [
        ("100", "USD", "100.00"),
        ("100.0", "USD", "100.00"),
        ("100.000", "JPY", "100"),
        ("1.5", "KWD", "1.500"),
        ("0.125", "USD", "0.125"),
        ("1E+2", "EUR", "100.00"),
        ("-0.0", "USD", "0.00"),
        ("-3.10", "USD", "-3.10"),
    ],
)
def test_an_amount_is_spelled_with_the_decimals_of_its_currency(
    text: str, currency: str, spelling: str
) -> None:
    assert str(exact_amount(text, currency)) == spelling


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "1,50", "ten", "1e40"])
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        exact_amount(text, "USD")


@pytest.mark.parametrize(
    "text", ["9" * 26, "-" + "9" * 26, "0." + "1" * 28, "9" * 14 + "." + "1" * 14]
)
def test_an_amount_of_28_digits_is_kept_to_the_last(text: str) -> None:
    assert exact_amount(text, "USD") == Decimal(text)


@pytest.mark.parametrize("text", ["9" * 27, "9" * 40, "1." + "1" * 28, "0." + "1" * 29, "1e-7000"])
def test_an_amount_of_more_digits_is_refused_and_not_rounded(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        exact_amount(text, "USD")


@given(st.decimals(-(10**12), 10**12, places=6), st.sampled_from(CURRENCIES))
def test_the_value_is_kept_whatever_the_spelling(amount: Decimal, currency: str) -> None:
    exact = exact_amount(str(amount), currency)
    assert exact == amount
    assert exact == exact_amount(str(exact), currency)
    exponent = exact.as_tuple().exponent
    assert isinstance(exponent, int)
    assert -exponent >= currency_decimals(currency)
