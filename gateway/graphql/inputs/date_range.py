"""A range of days as clients give it."""

from datetime import date

import strawberry

from gateway.graphql.describing import api_input


@api_input
class DateRangeInput:
    """Whole days in the shop's time zone, both ends included; 731 days at most."""

    from_: date = strawberry.field(name="from", description="The first day.")
    until: date = strawberry.field(description="The last day, which is part of the range.")
