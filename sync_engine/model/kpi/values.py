"""The values of a range of days, as the API shows them: sums, and what follows from them."""

from decimal import ROUND_HALF_EVEN, Decimal

import msgspec

from sync_engine.model.kpi.rollups import exactly
from sync_engine.model.money import currency_decimals

_UNITS = tuple(Decimal(1).scaleb(-decimals) for decimals in range(5))
_ZEROS = tuple(Decimal(0).quantize(unit) for unit in _UNITS)


class SalesSums(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the days of a range add up to; the names are those of ``KpiValues``.

    ``taxes_on_top`` are the taxes that prices do not include.
    """

    orders: int = 0
    units_sold: int = 0
    gross_sales: Decimal = Decimal(0)
    discounts: Decimal = Decimal(0)
    returns: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    taxes: Decimal = Decimal(0)
    taxes_on_top: Decimal = Decimal(0)
    adjustments: Decimal = Decimal(0)
    refunded_orders: int = 0
    customers: int = 0
    new_customers: int = 0


class KpiValues(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The figures of a range; each is defined in ``docs/kpis.md``."""

    orders: int
    units_sold: int
    gross_sales: Decimal
    discounts: Decimal
    returns: Decimal
    net_sales: Decimal
    shipping: Decimal
    taxes: Decimal
    adjustments: Decimal
    total_sales: Decimal
    average_order_value: Decimal | None
    customers: int
    new_customers: int
    returning_customers: int
    returning_customer_rate: float | None
    refunded_orders: int


@exactly
def values_of(sums: SalesSums, currency_code: str) -> KpiValues:
    """Return the values of a range, amounts with the currency's decimals at least."""
    decimals = currency_decimals(currency_code)
    net = sums.gross_sales - sums.discounts - sums.returns
    total = net + sums.shipping - sums.adjustments + sums.taxes_on_top
    average = None
    if sums.orders:
        unit = Decimal(1).scaleb(-decimals)
        average = (sums.gross_sales - sums.discounts) / sums.orders
        average = average.quantize(unit, rounding=ROUND_HALF_EVEN)
    returning = sums.customers - sums.new_customers
    return KpiValues(
        orders=sums.orders,
        units_sold=sums.units_sold,
        gross_sales=with_decimals(sums.gross_sales, decimals),
        discounts=with_decimals(sums.discounts, decimals),
        returns=with_decimals(sums.returns, decimals),
        net_sales=with_decimals(net, decimals),
        shipping=with_decimals(sums.shipping, decimals),
        taxes=with_decimals(sums.taxes, decimals),
        adjustments=with_decimals(sums.adjustments, decimals),
        total_sales=with_decimals(total, decimals),
        average_order_value=average,
        customers=sums.customers,
        new_customers=sums.new_customers,
        returning_customers=returning,
        returning_customer_rate=returning / sums.customers if sums.customers else None,
        refunded_orders=sums.refunded_orders,
    )


def with_decimals(amount: Decimal, decimals: int) -> Decimal:
    """Return the amount with at least these decimals and no zeros behind them; never -0."""
    usual = amount.quantize(_UNITS[decimals])
    if usual != amount:  # it has more decimals than the currency
        places = -int(amount.normalize().as_tuple().exponent)
        usual = amount.quantize(Decimal(1).scaleb(-places))
    return usual or _ZEROS[decimals]
