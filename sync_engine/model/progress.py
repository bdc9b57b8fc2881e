"""The progress of a run as a person watches it, derived from the run alone."""

from datetime import datetime

import msgspec

from sync_engine.model.run import Run, Stage
from sync_engine.model.sync_enums import Resource, SyncPhase

_MOST_BEFORE_THE_END = 0.999


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """One state of a run; ``stage`` None means that all is done."""

    run: Run
    stage: Resource | None
    processed: int
    total: int | None
    fraction: float | None
    records_per_second: float | None
    estimated_seconds_left: float | None
    at: datetime


def progress_of(run: Run) -> Progress:
    """Derive the progress, so that every observer of the same run computes the same."""
    current = current_stage(run)
    shown = current or run.stages[-1]
    return Progress(
        run=run,
        stage=None if current is None else current.resource,
        processed=shown.counts.processed,
        total=shown.total,
        fraction=run.fraction,
        records_per_second=run.records_per_second,
        estimated_seconds_left=_seconds_left(run),
        at=run.updated_at,
    )


def current_stage(run: Run) -> Stage | None:
    """Return the stage that is being worked on: the one in transfer, else the first unfinished."""
    if not run.state.is_active:
        return None
    unfinished = [stage for stage in run.stages if not stage.phase.is_final]
    moving = [stage for stage in unfinished if stage.phase is SyncPhase.TRANSFERRING]
    return next(iter(moving or unfinished), None)


def fraction_done(stages: tuple[Stage, ...]) -> float | None:
    """Return the share of all records that is done, or None while a total is missing.

    A total that becomes known later would make the share fall, so it waits for all of them. It is
    whole only when the run is over, which nothing in its stages tells: a count may be wrong.
    """
    expected = done = 0
    for stage in stages:
        processed = stage.counts.processed
        done += processed
        if stage.phase.is_final:
            expected += processed
        elif stage.total is None:
            return None
        else:
            expected += max(stage.total, processed)
    return min(done / expected, _MOST_BEFORE_THE_END) if expected else 0.0


def _seconds_left(run: Run) -> float | None:
    if not run.state.is_active:
        return 0.0
    if not run.records_per_second:
        return None
    left = 0
    for stage in run.stages:
        if stage.phase.is_final:
            continue
        if stage.total is None:
            return None
        left += max(0, stage.total - stage.counts.processed)
    return left / run.records_per_second
