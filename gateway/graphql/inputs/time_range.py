"""Ranges of time in filters."""

from datetime import datetime

import strawberry

from gateway.graphql.describing import api_input
from sync_engine.model.filters import TimeRange


@api_input
class TimeRangeInput:
    """A range of time; an end that is left out is open."""

    from_: datetime | None = strawberry.field(
        name="from", default=None, description="The first moment that is in it."
    )
    until: datetime | None = strawberry.field(
        default=None, description="The first moment that is no longer in it."
    )


def time_range(given: TimeRangeInput | None) -> TimeRange | None:
    """Return the range as the store takes it."""
    return None if given is None else TimeRange(from_at=given.from_, until_at=given.until)
