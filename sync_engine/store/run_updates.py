"""Says as an update of MongoDB's what a step changes in a run."""

import msgspec

from sync_engine.model.progress import fraction_done
from sync_engine.model.run import Advance, ApiUsage, Run, Stage, WriteCounts
from sync_engine.model.sync_enums import Resource
from sync_engine.store.codec import Document, from_document, to_document

_RECENT_ERRORS = 10


def update_of(run: Run, resource: Resource, step: Advance) -> Document:
    """Return the update for a step of a stage, with the run's fraction as it then is."""
    stage = run.stage(resource)
    prefix = f"stages.{run.stages.index(stage)}"
    changed = to_document(step.change)
    settings: Document = {f"{prefix}.{name}": value for name, value in changed.items()}
    settings["updated_at"] = step.now
    if step.records_per_second is not None:
        settings["records_per_second"] = step.records_per_second
    if step.processed is not None:
        settings[f"{prefix}.counts.processed"] = step.processed
    if step.counts != WriteCounts() or changed.get("checkpoint", stage.checkpoint) != (
        stage.checkpoint
    ):
        settings["fruitless_count"] = 0
    after = _after(stage, changed, step)
    if after.total is not None and after.total < after.counts.processed:
        # The shop has grown since it was counted, or a part of a list was read again.
        settings[f"{prefix}.total"] = after.counts.processed
    added = increments("usage", step.usage) | increments(f"{prefix}.counts", step.counts)
    update: Document = {"$set": settings}
    if step.messages:
        added["error_count"] = len(step.messages)
        recent = {"$each": list(step.messages), "$slice": -_RECENT_ERRORS}
        update["$push"] = {"recent_errors": recent}
    if added:
        update["$inc"] = added
    fraction = fraction_done(tuple(after if each is stage else each for each in run.stages))
    if fraction is not None:
        update["$max"] = {"fraction": fraction}
    return update


def _after(stage: Stage, changed: Document, step: Advance) -> Stage:
    counts = stage.counts + step.counts
    if step.processed is not None:
        counts = msgspec.structs.replace(counts, processed=step.processed)
    return from_document({**to_document(stage), **changed, "counts": to_document(counts)}, Stage)


def increments(prefix: str, counters: ApiUsage | WriteCounts) -> Document:
    """Return what to add to the counters that stand under the prefix."""
    return {f"{prefix}.{name}": value for name, value in to_document(counters).items() if value}
