"""The part of a shop that is its KPIs."""

from typing import Annotated

import strawberry

from gateway.graphql.context import Info
from gateway.graphql.describing import api_type
from gateway.graphql.enums import KpiComparison, ViewerScope
from gateway.graphql.errors import BadUserInputError
from gateway.graphql.guarded import guarded_field
from gateway.graphql.inputs.date_range import DateRangeInput
from gateway.graphql.permissions import Requires
from gateway.graphql.types.kpi_report import KpiReport, kpi_report_of
from sync_engine.model import shop
from sync_engine.model.kpi.periods import BadRangeError


@api_type
class ShopKpis:
    """The KPIs of a shop."""

    record: strawberry.Private[shop.Shop]

    @guarded_field(Requires(ViewerScope.READ_KPIS))
    async def kpis(
        self,
        info: Info,
        wanted: Annotated[
            DateRangeInput,
            strawberry.argument(name="range", description="Which days, in the shop's time zone."),
        ],
        compare_to: Annotated[
            KpiComparison, strawberry.argument(description="What `previous` is of.")
        ] = KpiComparison.NONE,
    ) -> KpiReport:
        """The shop's KPIs over a range of days. Needs READ_KPIS."""
        reports = info.context.engine.kpis
        try:
            report = await reports.of(self.record, wanted.from_, wanted.until, compare_to)
        except BadRangeError as error:
            raise BadUserInputError(f"range: {error}.") from None
        return kpi_report_of(report)
