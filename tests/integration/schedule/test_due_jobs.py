"""Recurring jobs: done once when due, again after their interval, sooner after a failure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from sync_engine.model.clock import SystemClock
from sync_engine.model.errors import ShopifyUnavailableError
from sync_engine.model.recurring import RecurringJob
from sync_engine.model.shop import Shop, ShopSettings
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import ShopStatus
from sync_engine.schedule.do_due_jobs import DueJobs, Task
from sync_engine.schedule.plan_shops import plan_shop
from sync_engine.store.store import Store
from tests.examples import connected_shop, fresh_shop

INCREMENTAL = RecurringJob.INCREMENTAL


class Recorder:
    """Notes who it was done for, and answers as told."""

    def __init__(self, answer: timedelta | Exception | None = None) -> None:
        self.answer = answer
        self.done: list[ShopDomain] = []

    async def __call__(self, shop: Shop) -> timedelta | None:
        self.done.append(shop.domain)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def jobs_of(store: Store, task: Task, holder: str = "here") -> DueJobs:
    tasks: Mapping[RecurringJob, Task] = dict.fromkeys(RecurringJob, task)
    return DueJobs(
        store.timetable, store.shops, tasks, holder=holder, random=Random(1), clock=SystemClock()
    )


async def planned_shop(store: Store) -> Shop:
    """Return a connected shop whose incremental sync is due."""
    shop = await connected_shop(store, fresh_shop())
    await plan_shop(store.timetable, shop, Random(1))
    await store.timetable.hasten(shop.domain, INCREMENTAL)
    return shop


async def minutes_until_due(store: Store, shop: Shop) -> float:
    due_at = await store.timetable.due_at(shop.domain, INCREMENTAL)
    assert due_at is not None
    return (due_at - datetime.now(UTC)).total_seconds() / 60


async def test_a_due_job_is_done_once_and_again_after_its_interval(store: Store) -> None:
    shop = await planned_shop(store)
    task = Recorder()
    await jobs_of(store, task).do_all()
    await jobs_of(store, task, holder="elsewhere").do_all()
    assert task.done == [shop.domain]
    assert 13 <= await minutes_until_due(store, shop) <= 17


async def test_a_task_may_ask_to_come_again_sooner(store: Store) -> None:
    shop = await planned_shop(store)
    await jobs_of(store, Recorder(timedelta(minutes=1))).do_all()
    assert 0 < await minutes_until_due(store, shop) <= 1


@pytest.mark.parametrize(
    "failure", [ShopifyUnavailableError("away"), RuntimeError("a bug")], ids=["away", "crash"]
)
async def test_a_failed_job_comes_again_soon_and_leaves_the_others_alone(
    store: Store, failure: Exception
) -> None:
    failing, fine = await planned_shop(store), await planned_shop(store)

    async def task(shop: Shop) -> None:
        if shop.domain == failing.domain:
            raise failure

    await jobs_of(store, task).do_all()
    assert 0 < await minutes_until_due(store, failing) <= 1
    assert await minutes_until_due(store, fine) > 10


async def test_a_shop_that_left_since_is_not_worked_for(store: Store) -> None:
    shop = await planned_shop(store)
    await store.shops.set_status(
        shop.domain, ShopStatus.UNINSTALLED, reason="gone", now=datetime.now(UTC)
    )
    task = Recorder()
    await jobs_of(store, task).do_all()
    assert task.done == []
    assert await store.timetable.due_at(shop.domain, INCREMENTAL) is None


async def test_an_interval_of_zero_is_no_job(store: Store) -> None:
    shop = await planned_shop(store)
    off = ShopSettings(incremental_interval_minutes=0)
    changed = await store.shops.save_settings(shop.domain, off)
    assert changed is not None
    await plan_shop(store.timetable, changed, Random(1))
    assert await store.timetable.due_at(shop.domain, INCREMENTAL) is None
    assert await store.timetable.due_at(shop.domain, RecurringJob.RECONCILE) is not None


async def test_a_suspended_shop_is_only_probed(store: Store) -> None:
    shop = await planned_shop(store)
    await store.shops.set_status(
        shop.domain, ShopStatus.SUSPENDED, reason="402", now=datetime.now(UTC)
    )
    changed = await store.shops.get(shop.domain)
    assert changed is not None
    await plan_shop(store.timetable, changed, Random(1))
    has = {job for job in RecurringJob if await store.timetable.due_at(shop.domain, job)}
    assert has == {RecurringJob.PROBE}
