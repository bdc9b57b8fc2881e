"""The values of a range of days. What each means exactly is in docs/kpis.md."""

from datetime import date
from decimal import Decimal

import strawberry

from gateway.graphql.describing import api_type
from sync_engine.model.kpi import values


@api_type
class KpiValues:
    """The figures of a range of days, amounts in the shop's currency."""

    orders: int = strawberry.field(description="Orders placed, without test orders.")
    units_sold: int = strawberry.field(
        description="Quantity as ordered, before anything was removed or given back."
    )
    gross_sales: Decimal = strawberry.field(
        description="Unit price before any discount, times quantity as ordered, over all lines."
    )
    discounts: Decimal = strawberry.field(
        description="Line discounts and the lines' shares of order discounts, as a positive amount."
    )
    returns: Decimal = strawberry.field(
        description="Subtotals of refunded lines, after discounts, as a positive amount."
    )
    net_sales: Decimal = strawberry.field(description="grossSales - discounts - returns")
    shipping: Decimal = strawberry.field(
        description="Charged after shipping discounts, less what was refunded of it."
    )
    taxes: Decimal = strawberry.field(
        description="On lines and shipping, less what was refunded of them."
    )
    adjustments: Decimal = strawberry.field(
        description="Given back beyond lines, shipping and taxes (goodwill), less fees kept."
    )
    total_sales: Decimal = strawberry.field(
        description="netSales + shipping - adjustments, and + taxes unless prices include them."
    )
    average_order_value: Decimal | None = strawberry.field(
        description="(grossSales - discounts) / orders, rounded half-even to the currency's "
        "decimals; null without orders."
    )
    customers: int = strawberry.field(
        description="Distinct customers with an order in the range; guests are not customers."
    )
    new_customers: int = strawberry.field(
        description="Those of them whose first order ever is in the range."
    )
    returning_customers: int = strawberry.field(description="customers - newCustomers")
    returning_customer_rate: float | None = strawberry.field(
        description="returningCustomers / customers, 0 to 1; null without customers."
    )
    refunded_orders: int = strawberry.field(description="Orders with a refund in the range.")


@api_type
class KpiPoint:
    """One step of a series."""

    starts_on: date = strawberry.field(
        name="date",
        description="The day, the Monday of the week, or the first of the month; the latter two "
        "may lie before the range, whose days alone count.",
    )
    values: KpiValues = strawberry.field(description="The figures of the step.")


_FIELDS = values.KpiValues.__struct_fields__


def kpi_values_of(found: values.KpiValues) -> KpiValues:
    """Return values as the API shows them."""
    return KpiValues(**{name: getattr(found, name) for name in _FIELDS})
