"""One resource of a run."""

from datetime import datetime

import strawberry

from gateway.graphql.describing import api_type
from gateway.graphql.enums import Resource, SyncPhase, SyncStrategy
from gateway.graphql.scalars import BigInt
from sync_engine.model import run


@api_type
class StrategyFallback:
    """A change of strategy in the middle of a stage."""

    from_: SyncStrategy = strawberry.field(name="from", description="What was given up.")
    to: SyncStrategy = strawberry.field(description="What was taken instead.")
    reason: str = strawberry.field(description="Why.")
    at: datetime = strawberry.field(description="When.")


@api_type
class SyncRunStage:
    """One resource of a run: how it is pulled and how far it is."""

    resource: Resource = strawberry.field(description="What is pulled.")
    phase: SyncPhase = strawberry.field(description="Where the stage stands.")
    strategy: SyncStrategy | None = strawberry.field(
        description="Over which of Shopify's interfaces it is pulled; null until that is decided."
    )
    fallbacks: list[StrategyFallback] = strawberry.field(
        description="Strategies that were tried and given up, with the reason."
    )
    processed: BigInt = strawberry.field(
        description="Records that were read on the way that is taken now: the sum of the five "
        "counts that follow, and less only while records are read again because a way or an "
        "export was given up, or where those have changed meanwhile."
    )
    total: BigInt | None = strawberry.field(
        description="Null until known. Exact for BULK once exported, Shopify's count otherwise; "
        "what a RECONCILE finds deleted, and what comes beyond the count, is added."
    )
    created: BigInt = strawberry.field(description="Records that were not stored before.")
    updated: BigInt = strawberry.field(description="Records stored in a newer version.")
    unchanged: BigInt = strawberry.field(
        description="Already stored in the same or a newer version."
    )
    deleted: BigInt = strawberry.field(description="Records that Shopify has deleted.")
    failed: BigInt = strawberry.field(description="Records that could not be kept.")
    started_at: datetime | None = strawberry.field(description="When work on it began.")
    finished_at: datetime | None = strawberry.field(description="When it was over.")


def stage_of(record: run.Stage) -> SyncRunStage:
    """Return a stage as the API shows it."""
    counts = record.counts
    return SyncRunStage(
        resource=record.resource,
        phase=record.phase,
        strategy=record.strategy,
        fallbacks=[
            StrategyFallback(
                from_=each.from_strategy, to=each.to_strategy, reason=each.reason, at=each.at
            )
            for each in record.fallbacks
        ],
        processed=BigInt(counts.processed),
        total=None if record.total is None else BigInt(record.total),
        created=BigInt(counts.created),
        updated=BigInt(counts.updated),
        unchanged=BigInt(counts.unchanged),
        deleted=BigInt(counts.deleted),
        failed=BigInt(counts.failed),
        started_at=record.started_at,
        finished_at=record.finished_at,
    )
