"""The progress of a run as clients watch it."""

from datetime import datetime

import strawberry

from gateway.graphql.describing import api_type
from gateway.graphql.enums import SyncStage
from gateway.graphql.scalars import BigInt
from gateway.graphql.types.sync_run import SyncRun, sync_run_of
from sync_engine.model.progress import progress_of
from sync_engine.model.run import Run


@api_type
class SyncProgress:
    """One state of a run, for a progress display."""

    run: SyncRun = strawberry.field(description="The run.")
    stage: SyncStage = strawberry.field(
        description="The resource that is being worked on; COMPLETE when the run is over."
    )
    processed: BigInt = strawberry.field(
        description="Records of the current stage that were read; of the last one when all is done."
    )
    total: BigInt | None = strawberry.field(
        description="How many records the current stage has; null until known."
    )
    errors: list[str] = strawberry.field(
        description="The newest messages, ten at most, the newest first; all of them are in "
        "run.errors."
    )
    fraction: float | None = strawberry.field(
        description="Over all stages, 0 to 1; null while no total is known. Never falls within a "
        "run."
    )
    records_per_second: float | None = strawberry.field(
        description="How fast records came of late; null before the first."
    )
    estimated_seconds_left: float | None = strawberry.field(
        description="How long it may take from here; null while that cannot be said."
    )
    at: datetime = strawberry.field(description="When the run was in this state.")


def sync_progress_of(run: Run) -> SyncProgress:
    """Return the progress of a run as the API shows it."""
    progress = progress_of(run)
    stage, total = progress.stage, progress.total
    return SyncProgress(
        run=sync_run_of(run),
        stage=SyncStage.COMPLETE if stage is None else SyncStage(stage.value),
        processed=BigInt(progress.processed),
        total=None if total is None else BigInt(total),
        errors=list(reversed(run.recent_errors)),
        fraction=progress.fraction,
        records_per_second=progress.records_per_second,
        estimated_seconds_left=progress.estimated_seconds_left,
        at=progress.at,
    )
