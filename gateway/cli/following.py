"""Follows a run of this engine's database to its end and shows it."""

import asyncio

from gateway.cli.progress_display import ProgressDisplay, RunView, StageView
from sync_engine.engine import Engine
from sync_engine.model.progress import progress_of
from sync_engine.model.run import Run

_NUDGE_SECONDS = 2.0


def run_view(run: Run) -> RunView:
    """Return what is shown of a run."""
    progress = progress_of(run)
    return RunView(
        stages=[
            StageView(
                resource=stage.resource.value,
                phase=stage.phase.value,
                processed=stage.counts.processed,
                total=stage.total,
            )
            for stage in run.stages
        ],
        records_per_second=progress.records_per_second,
        seconds_left=progress.estimated_seconds_left,
    )


async def follow_run(engine: Engine, run: Run, display: ProgressDisplay) -> Run:
    """Show the run until it is over and return it as it ended.

    Should its worker, here or elsewhere, fall away, it is taken up again here.
    """
    with engine.store.run_feed.listen(run.shop) as changes:
        newest = await engine.store.shop(run.shop).runs.get(run.id) or run
        while True:
            display.show(run_view(newest))
            if not newest.state.is_active:
                return newest
            try:
                async with asyncio.timeout(_NUDGE_SECONDS):
                    changed = await changes.next()
            except TimeoutError:
                engine.work_on(run.shop, run.id)
            else:
                newest = changed if changed.id == run.id else newest
