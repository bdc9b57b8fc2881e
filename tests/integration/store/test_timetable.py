"""The timetable: what is due is claimed once, whoever looks, and nothing due is ever lost."""

import asyncio
from datetime import UTC, datetime, timedelta

from sync_engine.model.recurring import DueJob, RecurringJob
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.store import Store

SHOP = ShopDomain("first.myshopify.com")
OTHER = ShopDomain("second.myshopify.com")
HOUR = timedelta(hours=1)
NOW = timedelta(0)
INCREMENTAL, RECONCILE = RecurringJob.INCREMENTAL, RecurringJob.RECONCILE


async def plan(store: Store, shop: ShopDomain, job: RecurringJob, after: timedelta) -> None:
    await store.timetable.plan(shop, {job: HOUR}, first_after={job: after})


async def claim(store: Store, seconds: float = 60) -> DueJob | None:
    return await store.timetable.claim(holder="here", seconds=seconds)


async def test_what_is_not_due_yet_cannot_be_claimed(store: Store) -> None:
    await plan(store, SHOP, INCREMENTAL, HOUR)
    assert await claim(store) is None


async def test_of_many_who_look_at_once_each_due_job_goes_to_one(store: Store) -> None:
    shops = [ShopDomain(f"shop-{number}.myshopify.com") for number in range(5)]
    for shop in shops:
        await plan(store, shop, INCREMENTAL, NOW)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(claim(store)) for _ in range(20)]
    claimed = [each.shop for each in (task.result() for task in tasks) if each is not None]
    assert sorted(claimed) == shops


async def test_what_has_waited_longest_comes_first(store: Store) -> None:
    await plan(store, OTHER, INCREMENTAL, -HOUR)
    await plan(store, SHOP, INCREMENTAL, -2 * HOUR)
    first, second = await claim(store), await claim(store)
    assert first is not None
    assert second is not None
    assert (first.shop, second.shop) == (SHOP, OTHER)


async def test_a_finished_job_is_due_again_after_its_interval(store: Store) -> None:
    await plan(store, SHOP, INCREMENTAL, NOW)
    job = await claim(store)
    assert job is not None
    await store.timetable.finish(job, next_in=HOUR)
    assert await claim(store) is None
    due_at = await store.timetable.due_at(SHOP, INCREMENTAL)
    assert due_at is not None
    assert due_at > datetime.now(UTC) + timedelta(minutes=50)


async def test_the_claim_of_a_dead_process_runs_out(store: Store) -> None:
    await plan(store, SHOP, INCREMENTAL, NOW)
    dead = await claim(store, seconds=0)
    heir = await claim(store)
    assert dead is not None
    assert heir is not None
    assert heir.fence == dead.fence + 1


async def test_a_slow_process_cannot_finish_what_another_has_claimed(store: Store) -> None:
    await plan(store, SHOP, INCREMENTAL, NOW)
    slow = await claim(store, seconds=0)
    heir = await claim(store, seconds=0)
    assert slow is not None
    assert heir is not None
    await store.timetable.finish(slow, next_in=HOUR)
    assert await claim(store) is not None


async def test_failures_are_counted_until_it_works_again(store: Store) -> None:
    await plan(store, SHOP, INCREMENTAL, NOW)
    seen = []
    for has_failed in (True, True, False, True):
        job = await claim(store)
        assert job is not None
        seen.append(job.failures)
        await store.timetable.finish(job, next_in=NOW, has_failed=has_failed)
    assert seen == [0, 1, 2, 0]


async def test_planning_again_changes_nothing(store: Store) -> None:
    await plan(store, SHOP, INCREMENTAL, HOUR)
    before = await store.timetable.due_at(SHOP, INCREMENTAL)
    await plan(store, SHOP, INCREMENTAL, NOW)
    assert await store.timetable.due_at(SHOP, INCREMENTAL) == before


async def test_planning_a_claimed_job_leaves_the_claim(store: Store) -> None:
    await plan(store, SHOP, INCREMENTAL, NOW)
    assert await claim(store) is not None
    await plan(store, SHOP, INCREMENTAL, NOW)
    assert await claim(store) is None


async def test_a_shortened_interval_counts_at_once(store: Store) -> None:
    await plan(store, SHOP, INCREMENTAL, HOUR)
    minute = {INCREMENTAL: timedelta(minutes=1)}
    await store.timetable.plan(SHOP, minute, first_after=minute)
    due_at = await store.timetable.due_at(SHOP, INCREMENTAL)
    assert due_at is not None
    assert due_at < datetime.now(UTC) + timedelta(minutes=2)


async def test_what_is_no_longer_wanted_goes_and_other_shops_keep_theirs(store: Store) -> None:
    await plan(store, SHOP, INCREMENTAL, HOUR)
    await plan(store, OTHER, INCREMENTAL, HOUR)
    await plan(store, SHOP, RECONCILE, HOUR)
    assert await store.timetable.due_at(SHOP, INCREMENTAL) is None
    assert await store.timetable.due_at(SHOP, RECONCILE) is not None
    assert await store.timetable.due_at(OTHER, INCREMENTAL) is not None


async def test_a_hastened_job_is_due_now(store: Store) -> None:
    await plan(store, SHOP, INCREMENTAL, HOUR)
    await store.timetable.hasten(SHOP, INCREMENTAL)
    assert await claim(store) is not None


async def test_a_job_that_is_hastened_while_it_is_done_is_due_again_at_once(store: Store) -> None:
    await plan(store, SHOP, INCREMENTAL, NOW)
    job = await claim(store)
    assert job is not None
    await store.timetable.hasten(SHOP, INCREMENTAL)
    assert await claim(store) is None
    await store.timetable.finish(job, next_in=HOUR)
    again = await claim(store)
    assert again is not None
    await store.timetable.finish(again, next_in=HOUR)
    assert await claim(store) is None
