"""Puts the schema together: the roots, the scalars, and what watches over every operation."""

from typing import Any

import strawberry
from strawberry.extensions import (
    AddValidationRules,
    MaxTokensLimiter,
    ParserCache,
    ValidationCache,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from gateway.engagement_log import EngagementLog
from gateway.graphql.describing import describe_fields
from gateway.graphql.masking import ErrorMask
from gateway.graphql.mutation import Mutation
from gateway.graphql.operation_scope import OperationScope
from gateway.graphql.operation_watch import OperationWatch
from gateway.graphql.query import Query
from gateway.graphql.rules.depth_limit import DepthLimit
from gateway.graphql.scalars import scalar_map
from gateway.graphql.subscription import Subscription
from gateway.observing.door_telemetry import SILENT_DOOR, DoorTelemetry

_MAX_TOKENS = 5_000  # a document of a million fields would be validated for minutes


class ApiSchema(strawberry.Schema):
    """The library's schema, described by docstrings and silent in the log."""

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Return the fields of a type as they are exported."""
        return describe_fields(type_definition)

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        """Log nothing: ``ErrorMask`` does, and a client's own error may quote a secret of it."""


def build_schema(
    telemetry: DoorTelemetry = SILENT_DOOR, engagement: EngagementLog | None = None
) -> ApiSchema:
    """Return the schema of the API; its operations are told of where somebody listens."""
    counting = engagement or EngagementLog()
    return ApiSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=scalar_map()),
        extensions=[
            lambda: OperationWatch(telemetry, counting),
            ErrorMask,
            OperationScope,
            lambda: MaxTokensLimiter(max_token_count=_MAX_TOKENS),
            lambda: AddValidationRules([DepthLimit]),
            ParserCache,
            ValidationCache,
        ],
    )


def print_schema() -> str:
    """Return the schema in GraphQL's own language, ending in a line break."""
    return f"{build_schema().as_str()}\n"
