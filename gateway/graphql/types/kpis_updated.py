"""That a shop's KPIs have changed."""

from datetime import date, datetime

import strawberry

from gateway.graphql.describing import api_type
from gateway.graphql.types.shop import Shop


@api_type
class KpisUpdated:
    """New data was folded into the KPIs of a shop: fetch them again."""

    shop: Shop = strawberry.field(description="Whose KPIs.")
    days: list[date] = strawberry.field(
        description="The days that have changed; none where any may have."
    )
    at: datetime = strawberry.field(description="When it was noticed.")
