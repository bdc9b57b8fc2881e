"""Batches: written once, whole, in whatever order they come, by nobody who lost the lease."""

import asyncio
import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_engine.model.batch import LooseChild, Reject
from sync_engine.model.errors import LeaseLostError
from sync_engine.model.records import Record
from sync_engine.model.run import Advance, Run, StageChange, WriteCounts
from sync_engine.model.sync_enums import Resource, SyncErrorCode
from sync_engine.store.store import Store
from tests import examples
from tests.examples import (
    MONDAY,
    SHOP,
    TUESDAY,
    WEDNESDAY,
    batch,
    commit,
    fresh_shop,
    run_under_way,
)

EXPORT = "gid://shopify/BulkOperation/1"
STEP = Advance(now=MONDAY, change=StageChange(checkpoint={"next_byte": 7}))


async def write(
    store: Store, run: Run, resource: Resource, *records: Record, **given: object
) -> Run:
    """Commit a batch of these records."""
    return await commit(store, run, resource, batch(*records, **given), STEP)


async def test_counts_and_checkpoint_are_written_with_the_records(store: Store) -> None:
    run = await run_under_way(store)
    run = await write(store, run, Resource.CUSTOMERS, examples.customer(1), examples.customer(2))
    run = await write(
        store,
        run,
        Resource.CUSTOMERS,
        examples.customer(1),
        examples.customer(2, updated_at=TUESDAY, display_name="Changed"),
        examples.customer(3),
    )
    stage = run.stage(Resource.CUSTOMERS)
    assert stage.counts == WriteCounts(processed=5, created=3, updated=1, unchanged=1)
    assert stage.checkpoint == {"next_byte": 7}
    assert run.error_count == 0


async def test_an_older_version_never_replaces_a_newer_one(store: Store) -> None:
    run = await run_under_way(store)
    newer = examples.customer(1, updated_at=TUESDAY, display_name="Newer")
    await write(store, run, Resource.CUSTOMERS, newer)
    older = examples.customer(1, display_name="Older")
    await write(store, run, Resource.CUSTOMERS, older, observed_at=WEDNESDAY)
    assert await store.shop(SHOP).customers.get(1) == newer


async def test_of_two_equally_old_versions_the_one_seen_later_stays(store: Store) -> None:
    run = await run_under_way(store)
    seen_first = examples.customer(1, display_name="First")
    seen_later = examples.customer(1, display_name="Later")
    await write(store, run, Resource.CUSTOMERS, seen_later, observed_at=TUESDAY)
    await write(store, run, Resource.CUSTOMERS, seen_first, observed_at=MONDAY)
    assert await store.shop(SHOP).customers.get(1) == seen_later


async def test_a_batch_holding_two_versions_keeps_the_newer(store: Store) -> None:
    run = await run_under_way(store)
    newer = examples.customer(1, updated_at=TUESDAY, display_name="Newer")
    run = await write(store, run, Resource.CUSTOMERS, newer, examples.customer(1))
    assert await store.shop(SHOP).customers.get(1) == newer
    counts = run.stage(Resource.CUSTOMERS).counts
    assert counts == WriteCounts(processed=2, created=1, unchanged=1)


async def test_a_worker_that_lost_its_lease_writes_nothing(store: Store) -> None:
    stale = await run_under_way(store, fence=1)
    await store.shop(SHOP).runs.take_up(stale.id, fence=2, now=TUESDAY)
    with pytest.raises(LeaseLostError):
        await write(store, stale, Resource.CUSTOMERS, examples.customer(1))
    assert await store.shop(SHOP).customers.count() == 0


async def test_a_record_that_mongodb_refuses_is_quarantined_and_the_others_are_written(
    store: Store,
) -> None:
    run = await run_under_way(store)
    too_wide = examples.customer(2, number_of_orders=2**64)
    too_large = examples.customer(3, display_name="x" * (17 * 1024 * 1024))
    run = await write(store, run, Resource.CUSTOMERS, examples.customer(1), too_wide, too_large)
    shop = store.shop(SHOP)
    assert await shop.customers.get(1) == examples.customer(1)
    assert await shop.customers.count() == 1
    page = await shop.errors.page(first=10)
    assert {(each.node.code, each.node.resource_id) for each in page.items} == {
        (SyncErrorCode.STORE_REJECTED, "gid://shopify/Customer/2"),
        (SyncErrorCode.STORE_REJECTED, "gid://shopify/Customer/3"),
    }
    assert all(len(each.node.payload or "") <= 16 * 1024 for each in page.items)
    assert run.stage(Resource.CUSTOMERS).counts == WriteCounts(processed=3, created=1, failed=2)
    assert run.error_count == 2


async def test_rejects_of_the_source_are_quarantined_with_their_run(store: Store) -> None:
    run = await run_under_way(store)
    reject = Reject(
        code=SyncErrorCode.MALFORMED_RECORD,
        message="not JSON",
        resource_id=None,
        payload="{",
    )
    run = await write(store, run, Resource.ORDERS, rejects=(reject,))
    page = await store.shop(SHOP).errors.page(first=10, run_id=run.id)
    assert [(each.node.resource, each.node.payload) for each in page.items] == [
        (Resource.ORDERS, "{")
    ]
    assert run.recent_errors == ("not JSON",)


async def test_two_writers_of_the_same_new_records_both_succeed(store: Store) -> None:
    run = await run_under_way(store)
    records = [examples.customer(number) for number in range(200)]
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(write(store, run, Resource.CUSTOMERS, *records))
    after = await store.shop(SHOP).runs.get(run.id)
    assert after is not None
    assert after.stage(Resource.CUSTOMERS).counts == WriteCounts(
        processed=800, created=200, unchanged=600
    )


CHILDREN = {number: examples.line_item(number) for number in range(1, 6)}
LONG_AGO = MONDAY - timedelta(days=7)
STOOD_BEFORE = {
    "nothing": None,
    "an older version": examples.order(
        1, updated_at=LONG_AGO, line_items=(examples.line_item(2, quantity=7), CHILDREN[4])
    ),
    "the same version": examples.order(1, line_items=tuple(CHILDREN.values())),
    "the same version, but damaged": examples.order(1, line_items=(CHILDREN[2], CHILDREN[4])),
}


@given(
    cuts=st.lists(st.integers(0, 6), max_size=4),
    lines=st.permutations(["order", 1, 2, 3, 4, 5]),
    stood=st.sampled_from(sorted(STOOD_BEFORE)),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_children_join_their_parent_whatever_the_order_the_batches_and_what_stood_before(
    store: Store, cuts: list[int], lines: list[str | int], stood: str
) -> None:
    shop = fresh_shop()  # the database outlives an example
    run = await run_under_way(store, shop)
    if (before := STOOD_BEFORE[stood]) is not None:
        told = batch(before, observed_at=LONG_AGO, export_id=None)
        run = await commit(store, run, Resource.ORDERS, told, STEP)
    for begin, end in itertools.pairwise([0, *sorted(cuts), len(lines)]):
        part = lines[begin:end]
        here = [CHILDREN[each] for each in sorted(part, key=str) if isinstance(each, int)]
        if "order" in part:
            given_batch = batch(examples.order(1, line_items=tuple(here)))
        else:
            loose = tuple(LooseChild(parent_id=1, child=child) for child in here)
            given_batch = batch(loose_children=loose)
        run = await commit(store, run, Resource.ORDERS, given_batch, STEP)
    whole = examples.order(1, line_items=tuple(CHILDREN.values()))
    async with store.writers(shop) as writers:
        doubted = [each async for each in writers.settlement.in_doubt(Resource.ORDERS, EXPORT)]
        if "damaged" not in stood:
            assert doubted == []
        if doubted:
            assert doubted == [[1]]
            reread = batch(whole, observed_at=TUESDAY, export_id=None, reread=True)
            run = await commit(store, run, Resource.ORDERS, reread, STEP)
        run = await writers.settlement.settle(run, Resource.ORDERS, EXPORT, STEP)
    assert await store.shop(shop).orders.get(1) == whole
    assert run.error_count == 0


async def test_a_late_child_does_not_change_a_parent_that_was_seen_since(store: Store) -> None:
    run = await run_under_way(store)
    newer = examples.order(1, updated_at=TUESDAY)
    await write(store, run, Resource.ORDERS, newer, observed_at=TUESDAY)
    loose = (LooseChild(parent_id=1, child=examples.line_item(1)),)
    await write(store, run, Resource.ORDERS, loose_children=loose, observed_at=MONDAY)
    assert await store.shop(SHOP).orders.get(1) == newer


async def test_a_child_whose_parent_never_comes_is_quarantined(store: Store) -> None:
    run = await run_under_way(store)
    loose = (LooseChild(parent_id=404, child=examples.line_item(2**53 + 1)),)
    run = await write(store, run, Resource.ORDERS, loose_children=loose)
    async with store.writers(SHOP) as writers:
        run = await writers.settlement.settle(run, Resource.ORDERS, EXPORT, STEP)
    page = await store.shop(SHOP).errors.page(first=10)
    assert [each.node.code for each in page.items] == [SyncErrorCode.MALFORMED_RECORD]
    assert run.error_count == 1
    assert run.stage(Resource.ORDERS).counts.processed == 0


async def test_children_of_an_export_that_was_given_up_are_forgotten(store: Store) -> None:
    run = await run_under_way(store)
    loose = (LooseChild(parent_id=1, child=examples.line_item(1)),)
    run = await write(store, run, Resource.ORDERS, loose_children=loose)
    async with store.writers(SHOP) as writers:
        await writers.settlement.discard(EXPORT)
    run = await write(store, run, Resource.ORDERS, examples.order(1))
    stored = await store.shop(SHOP).orders.get(1)
    assert stored == examples.order(1)


async def test_a_run_is_progressing_in_fractions_that_never_fall(store: Store) -> None:
    run = await run_under_way(store)
    runs = store.shop(SHOP).runs
    for resource, total in zip(Resource, (10, 10, 80), strict=True):
        step = Advance(now=MONDAY, change=StageChange(total=total))
        run = await runs.advance(run, resource, step)
    assert run.fraction == 0.0
    run = await write(
        store, run, Resource.CUSTOMERS, *(examples.customer(number) for number in range(10))
    )
    assert run.fraction == 0.1
    step = Advance(now=MONDAY + timedelta(1), change=StageChange(total=200))
    run = await runs.advance(run, Resource.ORDERS, step)
    assert run.fraction == 0.1


async def test_what_a_dead_worker_left_open_is_ended_when_its_run_is_taken_up(
    store: Store,
) -> None:
    run = await run_under_way(store)
    async with store.writers(SHOP) as dead, store.writers(SHOP) as alive:
        taken = await dead.take_up(run.id, fence=2, now=MONDAY)
        assert taken is not None
        left_open = asyncio.Event()
        never = asyncio.Event()

        async def die_in_mid_write(session: object) -> None:
            await dead.runs.advance(taken, Resource.ORDERS, STEP, session=session)  # type: ignore[arg-type]
            left_open.set()
            await never.wait()

        dying = asyncio.create_task(dead._transactions.atomically(die_in_mid_write))  # noqa: SLF001
        await left_open.wait()
        async with asyncio.timeout(60):
            again = await alive.take_up(run.id, fence=3, now=TUESDAY)
        assert again is not None
        assert again.fence == 3
        dying.cancel()
        await asyncio.wait([dying])


async def test_stages_that_write_at_the_same_time_write_one_after_the_other(store: Store) -> None:
    run = await run_under_way(store)
    loose = (LooseChild(parent_id=1, child=examples.line_item(1)),)
    async with store.writers(SHOP) as writers:
        writer = writers.batches[Resource.CUSTOMERS]
        sealed = await writer.seal(batch(examples.customer(1)))
        orders = await writers.batches[Resource.ORDERS].seal(batch(loose_children=loose))
        async with asyncio.TaskGroup() as group:
            group.create_task(writer.commit(run, sealed, STEP))
            group.create_task(writers.batches[Resource.ORDERS].commit(run, orders, STEP))
            group.create_task(writers.settlement.discard("another export"))
    assert await store.shop(SHOP).customers.get(1) == examples.customer(1)
