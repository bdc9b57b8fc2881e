"""Exact amounts. One value has one spelling, whichever transport brought it."""

from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache

# ISO 4217 minor units; every currency that is not listed has two decimals.
_CURRENCIES_BY_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DECIMALS = {
    code: decimals for decimals, codes in _CURRENCIES_BY_DECIMALS.items() for code in codes.split()
}
_MOST_DIGITS = 28
_EXACT = Context(prec=_MOST_DIGITS, traps=[Inexact, InvalidOperation])


def currency_decimals(currency_code: str) -> int:
    """Return how many decimals the currency's amounts are written with."""
    return _DECIMALS.get(currency_code, 2)


@lru_cache(maxsize=65_536)
def exact_amount(text: str, currency_code: str) -> Decimal:
    """Read an amount and give it its canonical number of decimals.

    Shopify writes the same value as ``100``, ``100.0`` or ``100.00`` depending on the API. The
    canonical spelling has the currency's decimals, and more only where the value needs them, so
    that equal amounts are equal to the last byte when stored.

    Raises:
        ValueError: the text is not a finite decimal number of at most 28 digits.
    """
    decimals = currency_decimals(currency_code)
    whole, _, fraction = text.partition(".")
    is_short = len(fraction) <= decimals and len(whole) + decimals <= _MOST_DIGITS
    if is_short and (whole + fraction).isdigit() and text.isascii():
        # What Shopify nearly always sends needs no more than some zeros.
        padded = fraction.ljust(decimals, "0")
        return Decimal(f"{whole}.{padded}" if padded else whole)
    try:
        return canonical_amount(Decimal(text), currency_code)
    except ArithmeticError:
        message = f"{text[:40]!r} is not an amount"
        raise ValueError(message) from None


def canonical_amount(amount: Decimal, currency_code: str) -> Decimal:
    """Give an amount its canonical number of decimals, as ``exact_amount`` does.

    Raises:
        ValueError: it is not a finite decimal number of at most 28 digits.
    """
    try:
        if amount.is_finite():
            exponent = int(amount.normalize(_EXACT).as_tuple().exponent)
            decimals = max(currency_decimals(currency_code), -exponent)
            if decimals <= _MOST_DIGITS:
                return amount.quantize(Decimal(1).scaleb(-decimals), context=_EXACT) + 0
    except ArithmeticError:
        pass
    message = f"{str(amount)[:40]!r} is not an amount"
    raise ValueError(message)
