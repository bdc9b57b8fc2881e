"""Runs: one active a shop, written under the highest fence only, told to whoever listens."""

import asyncio
from datetime import timedelta

import pytest

from sync_engine.model.clock import SystemClock
from sync_engine.model.errors import LeaseLostError
from sync_engine.model.run import Advance, ApiUsage, Run, StageChange
from sync_engine.model.sync_enums import (
    Resource,
    SyncMode,
    SyncPhase,
    SyncState,
    SyncTrigger,
)
from sync_engine.runs.start_run import start_run
from sync_engine.store.store import Store
from tests.examples import MONDAY, OTHER_SHOP, SHOP, TUESDAY, run_under_way


async def queued(store: Store, **given: object) -> tuple[Run, bool]:
    return await start_run(
        store.shop(SHOP),
        mode=SyncMode.INITIAL,
        trigger=SyncTrigger.MANUAL,
        resources=given.get("resources", tuple(Resource)),  # type: ignore[arg-type]
        strategy=None,
        clock=SystemClock(),
    )


async def test_a_second_run_of_a_shop_is_the_first(store: Store) -> None:
    async with asyncio.TaskGroup() as group:
        starts = [group.create_task(queued(store)) for _ in range(5)]
    runs = [start.result() for start in starts]
    assert len({run.id for run, _ in runs}) == 1
    assert sorted(is_new for _, is_new in runs) == [False] * 4 + [True]


async def test_stages_stand_in_the_order_of_dependence(store: Store) -> None:
    run, _ = await queued(store, resources=[Resource.ORDERS, Resource.CUSTOMERS])
    assert [stage.resource for stage in run.stages] == [Resource.CUSTOMERS, Resource.ORDERS]


async def test_taking_up_again_counts_as_resumed_and_shuts_the_old_worker_out(
    store: Store,
) -> None:
    old = await run_under_way(store, fence=1)
    runs = store.shop(SHOP).runs
    new = await runs.take_up(old.id, fence=2, now=TUESDAY)
    assert new is not None
    assert (old.resumed_count, new.resumed_count, new.started_at) == (0, 1, MONDAY)
    assert await runs.take_up(old.id, fence=2, now=TUESDAY) is None
    step = Advance(now=TUESDAY, change=StageChange(phase=SyncPhase.EXPORTING))
    with pytest.raises(LeaseLostError):
        await runs.advance(old, Resource.ORDERS, step)
    with pytest.raises(LeaseLostError):
        await runs.finish(old, SyncState.FAILED, message=None, usage=ApiUsage(), now=TUESDAY)
    advanced = await runs.advance(new, Resource.ORDERS, step)
    assert advanced.stage(Resource.ORDERS).phase is SyncPhase.EXPORTING


async def test_a_run_that_is_over_cannot_be_taken_up_and_makes_room_for_another(
    store: Store,
) -> None:
    run = await run_under_way(store)
    runs = store.shop(SHOP).runs
    await runs.finish(
        run, SyncState.SUCCEEDED, message=None, usage=ApiUsage(requests=3), now=TUESDAY
    )
    assert await runs.take_up(run.id, fence=9, now=TUESDAY) is None
    again, is_new = await queued(store)
    assert is_new
    assert again.id != run.id
    ended = await runs.get(run.id)
    assert ended is not None
    assert (ended.state, ended.fraction, ended.usage.requests) == (SyncState.SUCCEEDED, 1.0, 3)


async def test_a_queued_run_is_cancelled_at_once_and_a_running_one_is_asked_to_stop(
    store: Store,
) -> None:
    run, _ = await queued(store)
    runs = store.shop(SHOP).runs
    cancelled = await runs.request_cancel(run.id, now=MONDAY)
    assert cancelled is not None
    assert cancelled.state is SyncState.CANCELLED
    running = await run_under_way(store)
    asked = await runs.request_cancel(running.id, now=MONDAY)
    again = await runs.request_cancel(running.id, now=TUESDAY)
    assert asked is not None
    assert again is not None
    assert (asked.state, asked.cancel_requested_at) == (SyncState.RUNNING, MONDAY)
    assert again.cancel_requested_at == MONDAY


async def test_a_run_of_another_shop_does_not_exist(store: Store) -> None:
    run = await run_under_way(store)
    other = store.shop(OTHER_SHOP).runs
    assert await other.get(run.id) is None
    assert await other.request_cancel(run.id, now=MONDAY) is None
    assert await other.take_up(run.id, fence=9, now=MONDAY) is None


async def test_runs_are_listed_newest_first_in_pages(store: Store) -> None:
    made = []
    for _ in range(5):
        run = await run_under_way(store)
        await store.shop(SHOP).runs.finish(
            run, SyncState.FAILED, message="x", usage=ApiUsage(), now=TUESDAY
        )
        made.append(run.id)
    seen: list[str] = []
    after = None
    while True:
        page = await store.shop(SHOP).runs.page(first=2, after=after)
        seen += [item.node.id for item in page.items]
        if not page.has_next_page:
            break
        after = page.items[-1].cursor
    assert seen == made[::-1]


async def test_a_listener_gets_merged_states_and_always_the_last(store: Store) -> None:
    run = await run_under_way(store)
    runs = store.shop(SHOP).runs
    async with store.feed.open():
        with (
            store.run_feed.listen(SHOP) as listener,
            store.run_feed.listen(SHOP) as probe,
            store.run_feed.listen(OTHER_SHOP) as stranger,
        ):
            for minute in range(20):
                step = Advance(now=MONDAY + timedelta(minutes=minute))
                run = await runs.advance(run, Resource.ORDERS, step)
            await runs.finish(run, SyncState.SUCCEEDED, message=None, usage=ApiUsage(), now=TUESDAY)
            async with asyncio.timeout(60):
                while (await probe.next()).state.is_active:
                    pass
                slow = await listener.next()  # everything has arrived by now
            assert slow.state is SyncState.SUCCEEDED
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await stranger.next()


async def test_waiting_runs_are_found_across_shops_oldest_first(store: Store) -> None:
    run = await run_under_way(store)
    other = await run_under_way(store, OTHER_SHOP)
    found = [each async for each in store.run_queue.waiting()]
    assert found == [(SHOP, run.id), (OTHER_SHOP, other.id)]


async def test_a_checkpoint_beyond_32_bits_is_written_again(store: Store) -> None:
    run = await run_under_way(store)
    runs = store.shop(SHOP).runs
    for number in (2**31 - 1, 2**53 + 1, 2**63 - 1):
        step = Advance(now=TUESDAY, change=StageChange(checkpoint={"last_id": number}))
        run = await runs.advance(run, Resource.ORDERS, step)
        assert run.stage(Resource.ORDERS).checkpoint == {"last_id": number}
