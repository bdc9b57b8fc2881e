"""What Shopify says of a query's cost, with every answer of the GraphQL API.

Source: shopify.dev, "GraphQL Admin API rate limits", read 2026-11-23.
"""

import msgspec

from sync_engine.model.shop import BudgetLevel


class ThrottleStatus(msgspec.Struct, frozen=True, rename="camel"):
    """The bucket as Shopify reports it with every answer; the numbers may be fractions."""

    maximum_available: float
    currently_available: float
    restore_rate: float

    def level(self) -> BudgetLevel:
        """Return the bucket in points."""
        return BudgetLevel(
            maximum=self.maximum_available,
            available=self.currently_available,
            restores_per_second=self.restore_rate,
        )


class QueryCost(msgspec.Struct, frozen=True, rename="camel"):
    """What a query cost; ``actual_query_cost`` is null when it was refused."""

    requested_query_cost: float
    throttle_status: ThrottleStatus
    actual_query_cost: float | None = None
