"""Processes with common books spend one bucket: never too much of it, and all of it together."""

import asyncio
from collections.abc import Coroutine
from typing import NamedTuple, Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.shopify.throttle.budget_share import BudgetShare
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.shop_budget import ShopBudget
from tests.manual_clock import ManualClock
from tests.shared_memory_books import SharedMemoryBooks
from tests.unit.shopify.throttle.bucket import Bucket
from tests.unit.shopify.throttle.test_budget_properties import RATES, Call, calls

WAY_SECONDS = 0.04


class Shop:
    """A strict bucket, and processes that spend from it."""

    def __init__(
        self, processes: int, *, maximum: float = 2000, rate: float = 100, rounds: bool = True
    ) -> None:
        self.clock = ManualClock()
        self.bucket = Bucket(self.clock, maximum, rate, rounds=rounds)
        self.books = SharedMemoryBooks(self.clock)
        self.budgets = [
            ShopBudget(self.clock, BudgetShare(f"process {number}", self.books, self.clock))
            for number in range(processes)
        ]
        self.spent = [0.0] * processes
        self.waited: list[float] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        async def close() -> None:
            for budget in self.budgets:
                await budget.close()

        self.books.is_away = False
        await self.until_done(close())

    async def make(
        self, process: int, call: Call, flow: str = "work", *, is_answered: bool = True
    ) -> float:
        """Make a call and return how long it waited."""
        async with self.budgets[process].reserve(
            call.requested, priority=call.priority, flow=(flow, call.flow)
        ) as reservation:
            self.waited.append(reservation.waited_seconds)
            reservation.sent()
            await self.clock.sleep(call.there_seconds)
            level, spent = self.bucket.run(call.requested, call.actual)
            await self.clock.sleep(call.back_seconds)
            self.spent[process] += spent
            if is_answered:
                reservation.report(level, spent=spent)
        return reservation.waited_seconds

    async def until_done(self, *work: Coroutine[None, None, object]) -> None:
        """Let time pass until all of the work is done."""

        async def done(work: Coroutine[None, None, object]) -> None:
            await work

        tasks = [asyncio.create_task(done(each)) for each in work]
        for task in tasks:
            await self.clock.run_until_done(task, limit_seconds=10_000)

    async def work_for(self, seconds: float, *workers: tuple[int, Call]) -> None:
        """Let workers of the processes call again and again for a time."""

        async def without_end(process: int, call: Call, flow: str) -> None:
            while True:
                await self.make(process, call, flow)

        tasks = [
            asyncio.create_task(without_end(process, call, f"worker {number}"))
            for number, (process, call) in enumerate(workers)
        ]
        await self.clock.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()


class Plan(NamedTuple):
    """How large a bucket is, and how much it restores in a second."""

    maximum: float
    rate: float


def page(requested: float, used_share: float, priority: Priority = Priority.INITIAL) -> Call:
    return Call(requested, used_share, priority, 0, WAY_SECONDS, WAY_SECONDS)


@given(
    made=st.lists(st.tuples(st.integers(0, 2), calls(takes_time=True)), min_size=2, max_size=3),
    rate=RATES,
    rounds=st.booleans(),
    lost=st.sets(st.integers(0, 60), max_size=3),
)
@settings(max_examples=15, deadline=None)
async def test_shopify_never_has_to_refuse_any_of_them(
    made: list[tuple[int, list[Call]]],
    rate: int,
    rounds: bool,  # noqa: FBT001 - hypothesis passes by name
    lost: set[int],
) -> None:
    async with Shop(3, maximum=1000, rate=rate, rounds=rounds) as shop:
        await shop.until_done(shop.make(0, page(1, 1.0)))  # so that the bucket's size is known
        numbered = [(process, call) for process, many in made for call in many]
        await shop.until_done(
            *(
                shop.make(process, call, is_answered=number not in lost)
                for number, (process, call) in enumerate(numbered)
            )
        )
        assert shop.bucket.refusals == 0
        assert len(shop.waited) == 1 + len(numbered)


@pytest.mark.parametrize(
    ("plan", "used_share"),
    [(Plan(2000, 100), 0.5), (Plan(40, 2), 1.0)],
)
async def test_two_use_all_of_it_together_and_each_a_fair_part(
    plan: Plan, used_share: float
) -> None:
    async with Shop(2, maximum=plan.maximum, rate=plan.rate) as shop:
        price = max(1.0, plan.maximum * 0.05)
        seconds = 150.0
        await shop.until_done(
            shop.work_for(
                seconds,
                *[(process, page(price, used_share)) for process in (0, 1) for _ in range(4)],
            )
        )
        allowed = plan.maximum + plan.rate * seconds
        assert shop.bucket.refusals == 0
        assert sum(shop.spent) >= 0.95 * allowed
        assert min(shop.spent) >= 0.4 * sum(shop.spent)


async def test_one_alone_loses_nothing_and_hardly_looks_into_the_books() -> None:
    async with Shop(1, maximum=2000, rate=100) as shop:
        await shop.until_done(shop.work_for(150.0, *[(0, page(100, 0.5))] * 4))
        assert shop.bucket.refusals == 0
        assert shop.spent[0] >= 0.97 * (2000 + 100 * 150)
    async with Shop(1, maximum=20_000, rate=1000) as cheap:
        await cheap.until_done(cheap.work_for(10.0, *[(0, page(5, 1.0))] * 4))
        assert cheap.spent[0] / 5 > 300
        assert cheap.books.looks < 4 * 10 + 20


async def test_somebody_who_waits_goes_before_the_first_sync_of_another_process() -> None:
    async with Shop(2) as shop:
        working = shop.work_for(120.0, *[(0, page(150, 1.0))] * 4)

        async def ask_now_and_then() -> None:
            for _ in range(10):
                await shop.clock.sleep(7.0)
                assert await shop.make(1, page(60, 1.0, Priority.PERSON)) < 0.5

        asking = ask_now_and_then()
        await shop.until_done(asking, working)
        assert shop.bucket.refusals == 0


async def test_a_dear_call_is_not_kept_waiting_by_cheap_ones_of_another_process() -> None:
    async with Shop(2) as shop:
        working = shop.work_for(120.0, *[(0, page(50, 1.0))] * 4)

        async def ask() -> None:
            await shop.clock.sleep(30.0)
            began = shop.clock.monotonic_seconds()
            await shop.make(1, page(1000, 1.0))
            assert shop.clock.monotonic_seconds() - began < 1000 / 100 * 2 + 5

        asking = ask()
        await shop.until_done(asking, working)
        assert shop.bucket.refusals == 0


async def test_what_a_dead_process_held_is_not_spent_twice_and_comes_back() -> None:
    async with Shop(2) as shop:
        await shop.until_done(shop.make(0, page(100, 1.0)))
        dead = asyncio.create_task(shop.make(0, Call(900, 1.0, Priority.INITIAL, 0, 1.0, 1e9)))
        for _ in range(200):
            await asyncio.sleep(0)
        shop.clock.advance(2.0)
        shop.budgets[0] = shop.budgets[1]  # nobody hears of the first any more
        await shop.until_done(shop.work_for(100.0, *[(1, page(100, 1.0))] * 4))
        assert shop.bucket.refusals == 0
        dead.cancel()
        await asyncio.wait([dead])


async def test_books_that_are_away_are_waited_for() -> None:
    async with Shop(2) as shop:
        await shop.until_done(shop.make(0, page(100, 1.0)))
        shop.books.is_away = True
        waiting = shop.make(1, page(100, 1.0))

        async def come_back() -> None:
            await shop.clock.sleep(5.0)
            shop.books.is_away = False

        await shop.until_done(come_back(), waiting)
        assert shop.bucket.refusals == 0
        assert 5.0 <= shop.waited[-1] < 7.0


async def test_who_leaves_leaves_nothing_set_aside() -> None:
    async with Shop(2) as shop:

        async def work_and_leave() -> None:
            await shop.make(0, page(100, 1.0))
            await shop.budgets[0].close()
            await shop.make(1, Call(2000, 1.0, Priority.PERSON, 0, 0.0, 0.0))

        await shop.until_done(work_and_leave())
        assert shop.bucket.refusals == 0
        assert shop.waited[-1] < 3.0
