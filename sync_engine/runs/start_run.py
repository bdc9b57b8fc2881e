"""Puts a run in the queue, unless the shop has one under way."""

from collections.abc import Collection

from sync_engine.model.clock import Clock
from sync_engine.model.ids import new_id
from sync_engine.model.run import Run, Stage
from sync_engine.model.sync_enums import Resource, SyncMode, SyncState, SyncStrategy, SyncTrigger
from sync_engine.store.store import ShopStore


async def start_run(
    store: ShopStore,
    *,
    mode: SyncMode,
    trigger: SyncTrigger,
    resources: Collection[Resource],
    strategy: SyncStrategy | None,
    clock: Clock,
) -> tuple[Run, bool]:
    """Return the new run and True, or the run that is under way and False.

    The stages stand in the order in which they are taken, whatever order they were asked for in.
    """
    now = clock.now()
    run = Run(
        id=new_id(now),
        shop=store.shop,
        mode=mode,
        trigger=trigger,
        requested_strategy=strategy,
        state=SyncState.QUEUED,
        stages=tuple(Stage(resource=each) for each in Resource if each in resources),
        queued_at=now,
        updated_at=now,
    )
    return await store.runs.create(run)
