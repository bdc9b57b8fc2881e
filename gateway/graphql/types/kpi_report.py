"""The KPIs of a shop; each part of a report is read when it is asked for."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from gateway.graphql.describing import api_type
from gateway.graphql.enums import Granularity, ProductRanking
from gateway.graphql.errors import BadUserInputError
from gateway.graphql.paging import First, checked_first
from gateway.graphql.scalars import CurrencyCode
from gateway.graphql.types.kpi_values import KpiPoint, KpiValues, kpi_values_of
from sync_engine.kpis import reports
from sync_engine.model.gid import Gid

_MOST_COHORTS = 60


@api_type
class ProductSales:
    """What was sold of a product in the range."""

    product_id: strawberry.ID | None = strawberry.field(
        description="Null for custom lines and for products that are gone: they go by title."
    )
    title: str = strawberry.field(description="What the product is called.")
    units_sold: int = strawberry.field(description="Quantity as ordered.")
    net_sales: Decimal = strawberry.field(
        description="After discounts, less what was given back in the range."
    )
    orders: int = strawberry.field(description="Orders with the product.")


@api_type
class SalesBreakdown:
    """What was sold to one country, or over one channel, in the range."""

    key: str = strawberry.field(
        description="The country in two letters, or the source of the order as Shopify names it; "
        "`unknown` where Shopify gives none."
    )
    orders: int = strawberry.field(description="Orders placed.")
    net_sales: Decimal = strawberry.field(
        description="After discounts, less what was given back in the range."
    )


@api_type
class CohortPeriod:
    """What the customers of a cohort did in one month."""

    months_since: int = strawberry.field(
        description="Months since the cohort's first; 0 is that month itself."
    )
    active_customers: int = strawberry.field(description="Customers with an order in the month.")
    net_sales: Decimal = strawberry.field(description="Their net sales of the month.")


@api_type
class Cohort:
    """The customers whose first order was in one month, and whether they came back."""

    month: date = strawberry.field(description="The first day of the month.")
    customers: int = strawberry.field(description="How many they are.")
    periods: list[CohortPeriod] = strawberry.field(
        description="Every month from the first to the range's last; the range's last day ends it."
    )


@api_type
class KpiReport:
    """Sales after the definitions of Shopify's sales reports, by days of the shop's time zone.

    All amounts are in the shop's currency. A sale counts on the day of the order's processedAt,
    what is given back on the day of the refund's createdAt. Open, archived, cancelled, pending and
    unpaid orders all count (a cancelled order is a sale on its day and a return on the day it was
    given back); test orders and deleted orders never do. Of orders whose prices include taxes every
    figure contains them as priced, and totalSales does not add them again.
    """

    report: strawberry.Private[reports.KpiReport]
    from_: date = strawberry.field(name="from", description="The first day.")
    until: date = strawberry.field(description="The last day.")
    currency_code: CurrencyCode = strawberry.field(
        description="The shop's currency now. Where it was another one before, amounts of orders "
        "from then are added as they are, not converted."
    )
    iana_timezone: str = strawberry.field(description="The time zone whose days these are.")
    taxes_included: bool = strawberry.field(
        description="Whether the shop's prices include taxes now; each order goes by its own."
    )
    fresh_as_of: datetime = strawberry.field(
        description="Everything stored up to this moment is in these figures."
    )

    @strawberry.field
    async def totals(self) -> KpiValues:
        """The figures of the whole range."""
        return kpi_values_of(await self.report.totals())

    @strawberry.field
    async def previous(self) -> KpiValues | None:
        """The figures of what the range is compared with; null without a comparison."""
        found = await self.report.previous()
        return None if found is None else kpi_values_of(found)

    @strawberry.field
    async def series(
        self,
        granularity: Annotated[
            Granularity, strawberry.argument(description="How long the steps are.")
        ] = Granularity.DAY,
    ) -> list[KpiPoint]:
        """Every day, ISO week or month that the range touches, empty ones included."""
        return [
            KpiPoint(starts_on=start, values=kpi_values_of(found))
            for start, found in await self.report.series(granularity)
        ]

    @strawberry.field
    async def top_products(
        self,
        first: First = 10,
        by: Annotated[
            ProductRanking, strawberry.argument(description="What makes a product the first.")
        ] = ProductRanking.NET_SALES,
    ) -> list[ProductSales]:
        """The products that sold best."""
        by_units = by is ProductRanking.UNITS
        return [
            ProductSales(
                product_id=None
                if each.product_id is None
                else strawberry.ID(str(Gid("Product", each.product_id))),
                title=each.title,
                units_sold=each.units_sold,
                net_sales=each.net_sales,
                orders=each.orders,
            )
            for each in await self.report.top_products(checked_first(first), by_units=by_units)
        ]

    @strawberry.field
    async def sales_by_country(self, first: First = 20) -> list[SalesBreakdown]:
        """What was sold to which country, by the shipping address, the most first."""
        return _breakdown(await self.report.by_country(checked_first(first)))

    @strawberry.field
    async def sales_by_channel(self, first: First = 20) -> list[SalesBreakdown]:
        """What was sold over which channel, by the order's source, the most first."""
        return _breakdown(await self.report.by_channel(checked_first(first)))

    @strawberry.field
    async def cohorts(
        self,
        months: Annotated[
            int,
            strawberry.argument(
                description=f"How many months, 1 to {_MOST_COHORTS}, up to the range's last."
            ),
        ] = 12,
    ) -> list[Cohort]:
        """First-order month against months since: how many came back and what they spent."""
        if not 1 <= months <= _MOST_COHORTS:
            raise BadUserInputError(f"months: must be 1 to {_MOST_COHORTS}, not {months}.")
        return [
            Cohort(
                month=each.month,
                customers=each.customers,
                periods=[
                    CohortPeriod(
                        months_since=period.months_since,
                        active_customers=period.active_customers,
                        net_sales=period.net_sales,
                    )
                    for period in each.periods
                ],
            )
            for each in await self.report.cohorts(months)
        ]


def kpi_report_of(report: reports.KpiReport) -> KpiReport:
    """Return a report as the API shows it."""
    return KpiReport(
        report=report,
        from_=report.days.first,
        until=report.days.last,
        currency_code=CurrencyCode(report.currency_code),
        iana_timezone=report.timezone,
        taxes_included=report.taxes_included,
        fresh_as_of=report.fresh_as_of,
    )


def _breakdown(found: list[reports.SalesBreakdown]) -> list[SalesBreakdown]:
    return [
        SalesBreakdown(key=each.key, orders=each.orders, net_sales=each.net_sales) for each in found
    ]
