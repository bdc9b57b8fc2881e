"""What waits is counted over all shops, with the age of the oldest, and what is done is not."""

from datetime import UTC, date, datetime, timedelta

from sync_engine.model.backlog import Backlog, Engagement, Waiting
from sync_engine.model.clock import SystemClock
from sync_engine.model.recurring import RecurringJob
from sync_engine.model.sync_enums import Resource, ShopStatus, SyncMode, SyncTrigger
from sync_engine.model.webhook_event import EventOutcome, WebhookEventStatus
from sync_engine.runs.start_run import start_run
from sync_engine.store.store import Store
from tests.examples import OTHER_SHOP, SHOP, connected_shop, event

LONG = timedelta(hours=2)
JOBS = {RecurringJob.INCREMENTAL: timedelta(days=1), RecurringJob.PROBE: timedelta(days=1)}


async def test_nothing_waits_in_an_empty_store(store: Store) -> None:
    nothing = Waiting(count=0, oldest_seconds=0.0)
    assert await store.backlogs.look() == Backlog(
        events=nothing, jobs=nothing, runs=nothing, shops=dict.fromkeys(ShopStatus, 0)
    )


async def test_what_waits_is_counted_and_what_is_done_is_not(store: Store) -> None:
    await connected_shop(store)
    now = datetime.now(UTC)
    async with store.intake.open():
        for shop, number, age in ((SHOP, 1, LONG), (SHOP, 2, 2 * LONG), (OTHER_SHOP, 1, LONG / 2)):
            await store.intake.add(event(number, shop, received_at=now - age))
    applied = EventOutcome(event_id=event(2).id, status=WebhookEventStatus.PROCESSED)
    await store.shop(SHOP).events.settle([applied])
    overdue = {RecurringJob.INCREMENTAL: -LONG, RecurringJob.PROBE: LONG}
    await store.timetable.plan(SHOP, JOBS, first_after=overdue)
    await start_run(
        store.shop(SHOP),
        mode=SyncMode.INITIAL,
        trigger=SyncTrigger.MANUAL,
        resources=tuple(Resource),
        strategy=None,
        clock=SystemClock(),
    )
    found = await store.backlogs.look()
    assert found.events.count == 2
    assert LONG.total_seconds() <= found.events.oldest_seconds < 2 * LONG.total_seconds()
    assert found.jobs.count == 1
    assert LONG.total_seconds() <= found.jobs.oldest_seconds < 2 * LONG.total_seconds()
    assert found.runs.count == 1
    assert found.shops[ShopStatus.ACTIVE] == 1
    await store.timetable.claim(holder="somebody", seconds=60)
    assert (await store.backlogs.look()).jobs.count == 0


async def test_use_is_added_up_by_shop_and_day(store: Store) -> None:
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    for shop in (SHOP, OTHER_SHOP):
        await connected_shop(store, shop)
    for shop, day, operations in (
        (SHOP, monday, 2),
        (SHOP, tuesday, 3),
        (SHOP, tuesday, 4),
        (OTHER_SHOP, tuesday, 1),
    ):
        await store.engagement.add(shop, day, operations)
    both = Engagement(day=tuesday, shops=2, operations=8)
    assert await store.engagement.of_all(tuesday) == both
    assert (await store.engagement.of_shop(SHOP, since=monday)).operations == 9
    assert (await store.engagement.of_shop(SHOP, since=tuesday)).operations == 7
    await store.purge(SHOP)
    assert (await store.engagement.of_all(tuesday)).operations == 1


async def test_of_a_shop_that_was_purged_no_use_is_kept(store: Store) -> None:
    await connected_shop(store)
    await store.purge(SHOP)
    today = date(2026, 11, 24)
    await store.engagement.add(SHOP, today, 1)
    assert (await store.engagement.of_shop(SHOP, since=today)).operations == 0
