"""The states of a shop's runs as they change, for one subscriber."""

import asyncio
from collections.abc import AsyncGenerator

from gateway.graphql.progress_pace import ProgressPace
from sync_engine.model.clock import Clock
from sync_engine.model.run import Run
from sync_engine.store.run_feed import RunFeed, RunListener
from sync_engine.store.store import ShopStore

_INTERVAL_SECONDS = 0.25


async def progress_stream(
    feed: RunFeed, shop: ShopStore, run_id: str | None, clock: Clock
) -> AsyncGenerator[Run, None]:
    """Yield the current state at once, then every change, merged for a slow subscriber.

    With a run's id it ends after that run's final state, otherwise never.
    """
    pace = ProgressPace(_INTERVAL_SECONDS)
    with feed.listen(shop.shop) as changes:
        state = await _current(shop, run_id)
        while True:
            if state is not None:
                pace.offer(state)
            while (shown := pace.take(clock.monotonic_seconds())) is not None:
                yield shown
                if shown.id == run_id and not shown.state.is_active:
                    return
            state = await _next_change(changes, pace.next_turn_seconds(), clock)
            if run_id is not None and state is not None and state.id != run_id:
                # The shop has moved on to another run, so this one is over: look how it ended, in
                # case the feed missed it while MongoDB was away.
                state = await shop.runs.get(run_id)


async def _current(shop: ShopStore, run_id: str | None) -> Run | None:
    if run_id is not None:
        return await shop.runs.get(run_id)
    return await shop.runs.active() or await shop.runs.latest()


async def _next_change(
    changes: RunListener, until_seconds: float | None, clock: Clock
) -> Run | None:
    """Return the next change; None if the time comes first."""
    arriving = asyncio.create_task(changes.next())
    tasks: set[asyncio.Task[Run] | asyncio.Task[None]] = {arriving}
    if until_seconds is not None:
        pause = clock.sleep(until_seconds - clock.monotonic_seconds())
        tasks.add(asyncio.create_task(pause))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    return None if arriving.cancelled() else arriving.result()
