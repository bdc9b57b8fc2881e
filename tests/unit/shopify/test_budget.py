"""The budget of GraphQL points: never over the bucket, never idle while it holds enough."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.shopify.budget import GraphqlBudget, QueryCost, ThrottleStatus
from tests.manual_clock import ManualClock


class Bucket:
    """Shopify's side, as its documentation states it."""

    def __init__(self, clock: ManualClock, maximum: float, rate: float) -> None:
        self._clock = clock
        self.maximum = maximum
        self.rate = rate
        self._level = maximum
        self._as_of = clock.monotonic_seconds()
        self.refusals = 0

    def run(self, requested: float, actual: float) -> QueryCost:
        now = self._clock.monotonic_seconds()
        self._level = min(self.maximum, self._level + (now - self._as_of) * self.rate)
        self._as_of = now
        is_refused = requested > self._level + 1e-6
        self.refusals += is_refused
        if not is_refused:
            self._level -= actual
        return QueryCost(
            requested_query_cost=requested,
            actual_query_cost=None if is_refused else actual,
            throttle_status=ThrottleStatus(
                maximum_available=self.maximum,
                currently_available=self._level,
                restore_rate=self.rate,
            ),
        )


async def spend(budget: GraphqlBudget, bucket: Bucket, requested: float, actual: float) -> float:
    async with budget.reserve(requested) as reservation:
        reservation.cost = bucket.run(requested, actual)
    return reservation.waited_seconds


async def test_nothing_waits_while_the_bucket_is_full() -> None:
    clock = ManualClock()
    budget, bucket = GraphqlBudget(clock), Bucket(clock, 2000, 100)
    for _ in range(4):
        assert await spend(budget, bucket, 500, 500) == 0
    level = budget.level()
    assert level is not None
    assert (level.maximum, level.available, level.restores_per_second) == (2000, 0, 100)


async def test_a_query_waits_exactly_until_the_bucket_holds_its_price() -> None:
    clock = ManualClock()
    budget, bucket = GraphqlBudget(clock), Bucket(clock, 2000, 100)
    await spend(budget, bucket, 1000, 1000)
    await spend(budget, bucket, 1000, 1000)
    waits: list[float] = []

    async def third() -> None:
        waits.append(await spend(budget, bucket, 300, 300))

    await clock.run_until_done(asyncio.create_task(third()), limit_seconds=60)
    assert waits == [pytest.approx(3.0)]
    assert bucket.refusals == 0


async def test_points_that_were_not_used_are_taken_back() -> None:
    clock = ManualClock()
    budget, bucket = GraphqlBudget(clock), Bucket(clock, 1000, 50)
    await spend(budget, bucket, 900, 100)
    assert await spend(budget, bucket, 900, 100) == 0


async def test_a_bucket_that_shrinks_is_believed_at_once() -> None:
    clock = ManualClock()
    budget, bucket = GraphqlBudget(clock), Bucket(clock, 2000, 100)
    await spend(budget, bucket, 100, 100)
    bucket.maximum, bucket.rate = 1000, 50
    await spend(budget, bucket, 100, 100)
    level = budget.level()
    assert level is not None
    assert (level.maximum, level.available) == (1000, 900)


async def test_a_price_above_the_bucket_waits_for_a_full_bucket_and_no_longer() -> None:
    clock = ManualClock()
    budget, bucket = GraphqlBudget(clock), Bucket(clock, 1000, 100)
    await spend(budget, bucket, 500, 500)
    waits: list[float] = []

    async def huge() -> None:
        async with budget.reserve(5000) as reservation:
            waits.append(reservation.waited_seconds)
            reservation.cost = bucket.run(5000, 0)

    await clock.run_until_done(asyncio.create_task(huge()), limit_seconds=60)
    assert waits == [pytest.approx(5.0)]


PRICES = st.tuples(st.integers(1, 900), st.integers(0, 100)).map(
    lambda pair: (float(pair[0]), pair[0] * pair[1] / 100)
)


@given(
    queries=st.lists(PRICES, min_size=1, max_size=40),
    workers=st.integers(1, 6),
    rate=st.sampled_from([50, 100, 1000]),
)
@settings(max_examples=60)
async def test_shopify_never_has_to_refuse_and_the_time_is_what_the_bucket_needs(
    queries: Sequence[tuple[float, float]], workers: int, rate: int
) -> None:
    clock = ManualClock()
    budget, bucket = GraphqlBudget(clock), Bucket(clock, 1000, rate)
    waiting = list(queries)

    async def worker() -> None:
        while waiting:
            requested, actual = waiting.pop(0)
            async with budget.reserve(requested) as reservation:
                await clock.sleep(0.01)  # the way to Shopify and back
                reservation.cost = bucket.run(requested, actual)

    async def everybody() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(worker())

    total_requested = sum(requested for requested, _ in queries)
    limit = total_requested / rate + len(queries) * 0.02 + 1
    await clock.run_until_done(asyncio.create_task(everybody()), limit_seconds=limit)
    assert bucket.refusals == 0
