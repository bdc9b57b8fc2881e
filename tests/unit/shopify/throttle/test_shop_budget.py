"""The budget of a shop: believes what Shopify says, waits as long as it must and no longer."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sync_engine.model.shop import BudgetLevel
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.shop_budget import ShopBudget
from tests.manual_clock import ManualClock
from tests.unit.shopify.throttle.bucket import Bucket

STANDARD = (2000, 100)
RESERVE = 200


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def budget(clock: ManualClock) -> ShopBudget:
    return ShopBudget(clock)


@pytest.fixture
def bucket(clock: ManualClock) -> Bucket:
    return Bucket(clock, *STANDARD)


async def spend(
    budget: ShopBudget,
    bucket: Bucket,
    requested: float,
    actual: float | None = None,
    *,
    priority: Priority = Priority.PERSON,
) -> float:
    """Make a call, and return how long it waited."""
    async with budget.reserve(requested, priority=priority, flow="work") as reservation:
        reservation.sent()
        level, spent = bucket.run(requested, requested if actual is None else actual)
        reservation.report(level, spent=spent)
    return reservation.waited_seconds


async def timed(clock: ManualClock, work: Callable[[], Awaitable[object]]) -> float:
    """Let time pass until the work is done, and return how much of it did."""
    began = clock.monotonic_seconds()

    async def run() -> None:
        await work()

    await clock.run_until_done(asyncio.create_task(run()), limit_seconds=1000)
    return clock.monotonic_seconds() - began


def level_of(budget: ShopBudget) -> BudgetLevel:
    level = budget.level()
    assert level is not None
    return level


def test_nothing_is_known_before_the_first_answer(budget: ShopBudget) -> None:
    assert budget.level() is None


async def test_nothing_waits_while_the_bucket_is_full(budget: ShopBudget, bucket: Bucket) -> None:
    for _ in range(4):
        assert await spend(budget, bucket, 500) == 0
    level = level_of(budget)
    assert (level.maximum, level.available, level.restores_per_second) == (2000, 0, 100)


async def test_a_call_waits_until_the_bucket_holds_its_price_and_no_longer(
    budget: ShopBudget, bucket: Bucket, clock: ManualClock
) -> None:
    await spend(budget, bucket, 2000)
    assert await timed(clock, lambda: spend(budget, bucket, 300)) == pytest.approx(3, abs=0.01)
    assert bucket.refusals == 0


async def test_points_that_were_not_used_are_taken_back(budget: ShopBudget, bucket: Bucket) -> None:
    await spend(budget, bucket, 1900, 100)
    assert await spend(budget, bucket, 1900, 100) == 0
    assert level_of(budget).available == 1800


@pytest.mark.parametrize("priority", [Priority.INCREMENTAL, Priority.INITIAL])
async def test_a_tenth_is_left_to_whoever_has_priority(
    budget: ShopBudget, bucket: Bucket, clock: ManualClock, priority: Priority
) -> None:
    await spend(budget, bucket, 1900)
    waited = await timed(clock, lambda: spend(budget, bucket, 50, priority=priority))
    assert waited == pytest.approx((50 + RESERVE - 100) / 100, abs=0.01)


@pytest.mark.parametrize("priority", [Priority.PERSON, Priority.WEBHOOK])
async def test_whoever_has_priority_may_have_the_reserve(
    budget: ShopBudget, bucket: Bucket, priority: Priority
) -> None:
    await spend(budget, bucket, 1900)
    assert await spend(budget, bucket, 100, priority=priority) == 0


async def test_a_person_goes_before_a_first_sync_that_came_earlier(
    budget: ShopBudget, bucket: Bucket, clock: ManualClock
) -> None:
    await spend(budget, bucket, 2000)
    served: list[Priority] = []

    async def call(priority: Priority) -> None:
        await spend(budget, bucket, 100, priority=priority)
        served.append(priority)

    async def everybody() -> None:
        async with asyncio.TaskGroup() as group:
            for priority in (Priority.INITIAL, Priority.INCREMENTAL, *Priority):
                group.create_task(call(priority))

    await timed(clock, everybody)
    assert served == sorted([Priority.INITIAL, Priority.INCREMENTAL, *Priority])


async def test_only_one_call_goes_ahead_of_what_is_known(
    budget: ShopBudget, bucket: Bucket, clock: ManualClock
) -> None:
    under_way = 0
    most = 0

    async def call() -> None:
        nonlocal under_way, most
        async with budget.reserve(10, priority=Priority.INITIAL, flow="work") as reservation:
            under_way += 1
            most = max(most, under_way) if budget.level() is None else most
            await clock.sleep(1)
            level, spent = bucket.run(10, 10)
            reservation.report(level, spent=spent)
            under_way -= 1

    async def everybody() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(call())

    assert await timed(clock, everybody) == 2
    assert most == 1


async def test_a_first_call_without_an_answer_lets_the_next_one_find_out(
    budget: ShopBudget, bucket: Bucket
) -> None:
    async with budget.reserve(10, priority=Priority.INITIAL, flow="work") as reservation:
        reservation.sent()
    assert await spend(budget, bucket, 10) == 0
    assert level_of(budget).available == 1990


async def test_a_bucket_that_shrinks_or_grows_is_believed_at_once(
    budget: ShopBudget, bucket: Bucket
) -> None:
    await spend(budget, bucket, 100)
    bucket.resize(1000, 50)
    await spend(budget, bucket, 100)
    assert level_of(budget) == BudgetLevel(maximum=1000, available=900, restores_per_second=50)
    bucket.resize(20_000, 1000)
    await spend(budget, bucket, 100)
    assert level_of(budget) == BudgetLevel(maximum=20_000, available=800, restores_per_second=1000)


async def test_a_bucket_that_shrinks_does_not_lock_out_what_is_too_dear_for_it(
    budget: ShopBudget, bucket: Bucket, clock: ManualClock
) -> None:
    bucket.resize(1000, 100)
    await spend(budget, bucket, 500)
    waited = await timed(clock, lambda: spend(budget, bucket, 5000))
    assert waited == pytest.approx(5, abs=0.01)
    assert bucket.refusals == 1  # Shopify says so, not we


async def test_what_others_spend_is_noticed_with_the_next_answer(
    budget: ShopBudget, bucket: Bucket, clock: ManualClock
) -> None:
    await spend(budget, bucket, 100)
    bucket.spend(1500)
    await spend(budget, bucket, 100)
    assert level_of(budget).available == 300
    waited = await timed(clock, lambda: spend(budget, bucket, 1000))
    assert waited == pytest.approx(7, abs=0.01)
    assert bucket.refusals == 0


async def test_a_rate_of_zero_is_asked_about_again_and_not_for_ever_believed(
    budget: ShopBudget, bucket: Bucket, clock: ManualClock
) -> None:
    bucket.resize(2000, 0)
    await spend(budget, bucket, 2000)

    async def until_served() -> None:
        while True:
            refusals = bucket.refusals
            await spend(budget, bucket, 100)
            if bucket.refusals == refusals:
                return
            if refusals == 3:
                bucket.resize(2000, 100)

    waited = await timed(clock, until_served)
    assert bucket.refusals == 4
    assert waited == pytest.approx(5 * 60, abs=1)


async def test_a_refusal_closes_the_bucket_for_as_long_as_shopify_says(
    budget: ShopBudget, bucket: Bucket, clock: ManualClock
) -> None:
    async with budget.reserve(1, priority=Priority.PERSON, flow="work") as reservation:
        reservation.sent()
        reservation.refused(2.5)
    waited = await timed(clock, lambda: spend(budget, bucket, 1))
    assert waited == pytest.approx(2.5, abs=0.01)


async def test_an_answer_that_was_overtaken_by_a_later_one_is_not_believed_too_much(
    budget: ShopBudget, bucket: Bucket, clock: ManualClock
) -> None:
    await spend(budget, bucket, 0)

    async def slow() -> None:
        async with budget.reserve(100, priority=Priority.PERSON, flow="slow") as reservation:
            level, spent = bucket.run(100, 100)
            await clock.sleep(1)  # on its way back while the other goes and comes
            reservation.report(level, spent=spent)

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(slow())
            group.create_task(spend(budget, bucket, 1800))

    await timed(clock, both)
    assert level_of(budget).available == pytest.approx(200)
    assert bucket.available() == pytest.approx(200)


async def test_a_call_that_is_cancelled_while_it_waits_leaves_the_line(
    budget: ShopBudget, bucket: Bucket, clock: ManualClock
) -> None:
    await spend(budget, bucket, 2000)
    dear = asyncio.create_task(spend(budget, bucket, 1000))
    await asyncio.sleep(0)
    cheap = asyncio.create_task(spend(budget, bucket, 100))
    await asyncio.sleep(0)
    dear.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dear
    assert await timed(clock, lambda: cheap) == pytest.approx(1, abs=0.01)
    assert level_of(budget).available == pytest.approx(0, abs=0.2)


async def test_a_call_that_is_cancelled_as_it_is_let_through_takes_nothing(
    budget: ShopBudget, bucket: Bucket, clock: ManualClock
) -> None:
    await spend(budget, bucket, 2000)
    waiting = asyncio.create_task(spend(budget, bucket, 1000))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.advance(10.1)
    for _ in range(5):  # until it has been let through, and not a step further
        if level_of(budget).available < 100:
            break
        await asyncio.sleep(0)
    assert level_of(budget).available < 100
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert level_of(budget).available == pytest.approx(1010, abs=0.2)
    assert await spend(budget, bucket, 1000) == 0


async def test_a_call_that_was_never_sent_costs_nothing(budget: ShopBudget, bucket: Bucket) -> None:
    await spend(budget, bucket, 1000)
    async with budget.reserve(500, priority=Priority.PERSON, flow="work"):
        assert level_of(budget).available == 500
    assert level_of(budget).available == 1000


async def test_a_call_without_an_answer_counts_as_spent_until_shopify_says_otherwise(
    budget: ShopBudget, bucket: Bucket
) -> None:
    await spend(budget, bucket, 1000)
    async with budget.reserve(500, priority=Priority.PERSON, flow="work") as reservation:
        reservation.sent()
    assert level_of(budget).available == 500
    await spend(budget, bucket, 0)
    assert level_of(budget).available == 1000


async def test_cheap_calls_pass_a_dear_one_that_does_not_fit_until_they_had_its_price(
    budget: ShopBudget, bucket: Bucket, clock: ManualClock
) -> None:
    await spend(budget, bucket, 1500)
    served: list[str] = []

    async def call(name: str, price: float) -> None:
        async with budget.reserve(price, priority=Priority.WEBHOOK, flow=name) as reservation:
            served.append(name)
            level, spent = bucket.run(price, price)
            reservation.report(level, spent=spent)

    async def everybody() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(call("dear", 600))
            await asyncio.sleep(0)
            for number in range(10):
                group.create_task(call(f"cheap {number}", 100))

    assert await timed(clock, everybody) == pytest.approx(11, abs=0.05)
    assert served.index("dear") == 6
    assert bucket.refusals == 0
