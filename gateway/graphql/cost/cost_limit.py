"""Charges every operation to its caller, and tells the cost in Shopify's shape."""

from collections.abc import Iterator
from typing import Any

from graphql import OperationType
from strawberry.extensions import SchemaExtension

from gateway.graphql.caller_key import caller_key
from gateway.graphql.cost.actual import actual_cost
from gateway.graphql.cost.buckets import CostBuckets
from gateway.graphql.cost.plan import CostPlan
from gateway.graphql.cost.requested import requested_cost
from gateway.graphql.documents import Documents
from gateway.graphql.errors import MaxCostExceededError, QueryTooComplexError, ThrottledError
from gateway.graphql.limits import Limits


class CostLimit(SchemaExtension):
    """Takes the requested cost before an operation runs and gives back what was not used.

    A subscription is charged once, when it begins; its events are not.
    """

    def __init__(self, limits: Limits, buckets: CostBuckets, documents: Documents) -> None:
        """Take the limits, the buckets, and where plans come from."""
        super().__init__()
        self._limits = limits
        self._buckets = buckets
        self._documents = documents

    def on_execute(self) -> Iterator[None]:
        """Charge the caller.

        Raises:
            QueryTooComplexError: the operation has too many fields, or reaches too many nodes.
            MaxCostExceededError: it costs more than one operation may.
            ThrottledError: it costs more than the caller has left just now.
        """
        operation = self.execution_context
        caller = caller_key(operation.context.principal)
        plan = self._documents.plan(
            operation.query or "",
            operation.operation_name,
            operation.schema._schema,  # noqa: SLF001 - the library has no other way to it
        )
        requested = requested_cost(plan, operation.variables)
        if requested.nodes > self._limits.nodes_per_query:
            raise QueryTooComplexError(
                f"The operation may reach {requested.nodes} nodes of lists: "
                f"{self._limits.nodes_per_query} are allowed. Ask for smaller pages."
            )
        points = requested.points
        if points > self._limits.query_points:
            self._tell(caller, points, None)
            raise MaxCostExceededError(points, self._limits.query_points)
        if not self._buckets.take(caller, points):
            self._tell(caller, points, None)
            raise ThrottledError(self._buckets.seconds_until(caller, points))
        if plan.type is OperationType.SUBSCRIPTION:
            yield
            return
        self._tell(caller, points, points)  # what is charged if it breaks off
        yield
        self._settle(plan, caller, points)

    def _settle(self, plan: CostPlan, caller: str, requested: int) -> None:
        """Give back what was not used; what failed altogether costs all of it."""
        data = getattr(self.execution_context.result, "data", None)
        if data is None:
            return
        actual = min(requested, actual_cost(plan, data))
        self._buckets.give_back(caller, requested - actual)
        self._tell(caller, requested, actual)

    def _tell(self, caller: str, requested: int, actual: int | None) -> None:
        cost: dict[str, Any] = {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": self._buckets.capacity,
                "currentlyAvailable": self._buckets.available(caller),
                "restoreRate": self._buckets.restore_per_second,
            },
        }
        self.execution_context.extensions_results["cost"] = cost
