"""Puts the schema together: the roots, the scalars, and what watches over every operation."""

import time
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from gateway.engagement_log import EngagementLog
from gateway.graphql.admission import Admission, Occupancy
from gateway.graphql.cost.buckets import CostBuckets
from gateway.graphql.cost.cost_limit import CostLimit
from gateway.graphql.describing import describe_fields
from gateway.graphql.documents import DocumentCheck, Documents
from gateway.graphql.limits import Limits
from gateway.graphql.masking import ErrorMask
from gateway.graphql.mutation import Mutation
from gateway.graphql.operation_scope import OperationScope
from gateway.graphql.operation_watch import OperationWatch
from gateway.graphql.plain_fields import PlainFieldExecutor, mark_plain_fields
from gateway.graphql.query import Query
from gateway.graphql.scalars import scalar_map
from gateway.graphql.subscription import Subscription
from gateway.observing.door_telemetry import SILENT_DOOR, DoorTelemetry


class ApiSchema(strawberry.Schema):
    """The library's schema, described by docstrings and silent in the log."""

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Return the fields of a type as they are exported."""
        return describe_fields(type_definition)

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        """Log nothing: ``ErrorMask`` does, and a client's own error may quote a secret of it."""


def build_schema(
    limits: Limits | None = None,
    telemetry: DoorTelemetry = SILENT_DOOR,
    engagement: EngagementLog | None = None,
) -> ApiSchema:
    """Return the schema of the API, with allowances and remembered documents of its own.

    Its operations are told of where somebody listens.
    """
    limits = limits or Limits()
    counting = engagement or EngagementLog()
    documents = Documents(limits)
    occupancy = Occupancy(limits)
    buckets = CostBuckets(
        capacity=limits.bucket_points,
        restore_per_second=limits.restore_points,
        monotonic_seconds=time.monotonic,
    )
    schema = ApiSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=scalar_map()),
        execution_context_class=PlainFieldExecutor,
        extensions=[  # in this order: each may rely on those above it
            lambda: OperationWatch(telemetry, counting),
            ErrorMask,
            OperationScope,
            lambda: DocumentCheck(documents),
            lambda: Admission(limits, occupancy),
            lambda: CostLimit(limits, buckets, documents),
        ],
    )
    mark_plain_fields(schema._schema)  # noqa: SLF001 - the library has no other way to it
    return schema


def print_schema() -> str:
    """Return the schema in GraphQL's own language, ending in a line break."""
    return f"{build_schema().as_str()}\n"
