"""What holds for any mix of calls: never over the bucket, never idle, never starving, in order."""

import asyncio
from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.shop_budget import ShopBudget
from tests.manual_clock import ManualClock
from tests.unit.shopify.throttle.bucket import Bucket

MAXIMUM = 1000
RESERVE = 100
ROUNDING_SECONDS = 0.002  # a wait is at least a millisecond


class Call(NamedTuple):
    """A call that is going to be made."""

    requested: float
    used_share: float
    priority: Priority
    flow: int
    there_seconds: float
    back_seconds: float

    @property
    def actual(self) -> float:
        return self.requested * self.used_share


def calls(*, takes_time: bool) -> st.SearchStrategy[list[Call]]:
    seconds = st.sampled_from([0.0, 0.01, 0.3, 2.0]) if takes_time else st.just(0.0)
    call = st.builds(
        Call,
        requested=st.integers(1, 900).map(float),
        used_share=st.sampled_from([0.0, 0.1, 1 / 3, 1.0]),
        priority=st.sampled_from(Priority),
        flow=st.integers(0, 3),
        there_seconds=seconds,
        back_seconds=seconds,
    )
    return st.lists(call, min_size=1, max_size=40)


RATES = st.sampled_from([50, 100, 1000])


class Shop:
    """A budget and the bucket that it is about, and what was sent when."""

    def __init__(self, rate: float, *, rounds: bool = False) -> None:
        self.clock = ManualClock()
        self.budget = ShopBudget(self.clock)
        self.bucket = Bucket(self.clock, MAXIMUM, rate, rounds=rounds)
        self.served: list[int] = []

    async def make(self, call: Call, number: int = 0) -> None:
        async with self.budget.reserve(
            call.requested, priority=call.priority, flow=call.flow
        ) as reservation:
            self.served.append(number)
            reservation.sent()
            await self.clock.sleep(call.there_seconds)
            level, spent = self.bucket.run(call.requested, call.actual)
            await self.clock.sleep(call.back_seconds)
            reservation.report(level, spent=spent)

    async def make_all(self, made: Sequence[Call]) -> float:
        """Make all calls, as early as they may be; returns the seconds until the last was sent."""

        async def everybody() -> None:
            async with asyncio.TaskGroup() as group:
                for number, call in enumerate(made):
                    group.create_task(self.make(call, number))

        await self.clock.run_until_done(asyncio.create_task(everybody()), limit_seconds=10_000)
        return self.clock.monotonic_seconds()


@given(made=calls(takes_time=True), rate=RATES, rounds=st.booleans())
@settings(max_examples=150, deadline=None)
async def test_shopify_never_has_to_refuse(
    made: list[Call],
    rate: int,
    rounds: bool,  # noqa: FBT001 - hypothesis passes by name
) -> None:
    shop = Shop(rate, rounds=rounds)
    await shop.make_all(made)
    assert shop.bucket.refusals == 0
    assert len(shop.served) == len(made)


@given(made=calls(takes_time=False), rate=RATES)
@settings(max_examples=150, deadline=None)
async def test_no_restored_point_is_lost_while_there_is_work(made: list[Call], rate: int) -> None:
    shop = Shop(rate)
    seconds = await shop.make_all(made)
    spent = sum(call.actual for call in made)
    needed = max(spent + max(call.requested for call in made) + RESERVE - MAXIMUM, 0.0)
    assert seconds <= needed / rate + len(made) * ROUNDING_SECONDS


@given(made=calls(takes_time=True), rate=RATES)
@settings(max_examples=100, deadline=None)
async def test_what_was_not_used_is_taken_back_to_the_last_point(
    made: list[Call], rate: int
) -> None:
    shop = Shop(rate)
    await shop.make_all(made)
    await shop.make_all([Call(1.0, 1.0, Priority.PERSON, 0, 0.0, 0.0)])
    level = shop.budget.level()
    assert level is not None
    assert level.available == shop.bucket.available()
    shop.clock.advance(MAXIMUM / rate + 1)
    level = shop.budget.level()
    assert level is not None
    assert level.available == MAXIMUM


@given(made=calls(takes_time=True), rate=RATES)
@settings(max_examples=100, deadline=None)
async def test_calls_of_one_piece_of_work_go_in_the_order_in_which_they_came(
    made: list[Call], rate: int
) -> None:
    shop = Shop(rate)
    await shop.make_all(made)
    for flow in range(4):
        for priority in Priority:
            mine = [n for n in shop.served if made[n].flow == flow and made[n].priority is priority]
            assert mine == sorted(mine)


@given(count=st.integers(2, 30), rate=RATES, priority=st.sampled_from(Priority))
@settings(max_examples=40, deadline=None)
async def test_single_calls_of_one_priority_are_served_first_come_first_served(
    count: int, rate: int, priority: Priority
) -> None:
    shop = Shop(rate)
    made = [Call(300.0, 1.0, priority, flow, 0.0, 0.0) for flow in range(count)]
    await shop.make_all(made)
    assert shop.served == list(range(count))


@given(
    made=calls(takes_time=True),
    changes=st.lists(
        st.tuples(
            st.floats(0.1, 20), st.sampled_from([100, 1000, 2000]), st.sampled_from([0, 50, 500])
        ),
        max_size=6,
    ),
    thefts=st.lists(st.tuples(st.floats(0.1, 5), st.floats(1, 900)), max_size=6),
)
@settings(max_examples=100, deadline=None)
async def test_whatever_becomes_of_the_bucket_every_call_is_made(
    made: list[Call],
    changes: list[tuple[float, int, int]],
    thefts: list[tuple[float, float]],
) -> None:
    shop = Shop(100)

    async def disturb() -> None:
        for pause, maximum, rate in changes:
            await shop.clock.sleep(pause)
            shop.bucket.resize(maximum, rate)
        for pause, points in thefts:
            await shop.clock.sleep(pause)
            shop.bucket.spend(points)
        shop.bucket.resize(MAXIMUM, 100)

    disturbing = asyncio.create_task(disturb())
    await shop.make_all(made)
    assert len(shop.served) == len(made)
    disturbing.cancel()


@given(
    price=st.integers(1, 900),
    dear=st.integers(1, 900),
    at_once=st.integers(1, 6),
    rate=RATES,
)
@settings(max_examples=60, deadline=None)
async def test_a_first_sync_gets_its_share_under_a_flood_of_webhooks(
    price: int, dear: int, at_once: int, rate: int
) -> None:
    shop = Shop(rate)
    is_over = False
    flooded = -inf  # counted from the moment at which the first sync wants something

    async def flood(flow: int) -> None:
        nonlocal flooded
        while not is_over:
            await shop.make(Call(float(price), 1.0, Priority.WEBHOOK, flow, 0.01, 0.01))
            flooded += price
            assert flooded <= 10 * dear + price * (2 * at_once + 1) + MAXIMUM

    async def first_sync() -> None:
        nonlocal is_over, flooded
        await shop.clock.sleep(1)
        flooded = 0.0
        await shop.make(Call(float(dear), 1.0, Priority.INITIAL, 99, 0.01, 0.01))
        is_over = True

    async def everybody() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(first_sync())
            for flow in range(at_once):
                group.create_task(flood(flow))

    await shop.clock.run_until_done(asyncio.create_task(everybody()), limit_seconds=10_000)
    assert shop.bucket.refusals == 0
