"""The circuit breaker: opens after failures in a row, lets one try, and closes at an answer."""

import asyncio
from datetime import timedelta

import pytest

from sync_engine.model.errors import (
    CircuitOpenError,
    ShopifyTimeoutError,
    ShopifyUnavailableError,
    SyncError,
    ThrottledError,
)
from sync_engine.shopify.throttle.circuit_breaker import CircuitBreaker
from tests.manual_clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def breaker(clock: ManualClock) -> CircuitBreaker:
    return CircuitBreaker(clock)


async def answered() -> str:
    return "answer"


async def failed() -> str:
    raise ShopifyUnavailableError("away")


async def fail(breaker: CircuitBreaker) -> None:
    with pytest.raises(ShopifyUnavailableError):
        await breaker.run(failed)


async def break_circuit(breaker: CircuitBreaker, clock: ManualClock) -> None:
    for _ in range(5):
        await fail(breaker)
        clock.advance(10)


async def test_repeated_failures_turn_calls_away_at_once_with_the_time_of_the_next_try(
    breaker: CircuitBreaker, clock: ManualClock
) -> None:
    await break_circuit(breaker, clock)
    calls = 0

    async def call() -> None:
        nonlocal calls
        calls += 1

    with pytest.raises(CircuitOpenError) as caught:
        await breaker.run(call)
    assert calls == 0
    assert caught.value.retry_after_seconds == 20
    assert caught.value.next_try_at == clock.now() + timedelta(seconds=20)


async def test_a_short_trouble_opens_nothing_however_many_calls_it_hits(
    breaker: CircuitBreaker, clock: ManualClock
) -> None:
    for _ in range(100):
        await fail(breaker)
        clock.advance(0.2)
    assert await breaker.run(answered) == "answer"


async def test_an_answer_between_failures_begins_the_count_anew(
    breaker: CircuitBreaker, clock: ManualClock
) -> None:
    for _ in range(5):
        for _ in range(4):
            await fail(breaker)
            clock.advance(20)
        await breaker.run(answered)


@pytest.mark.parametrize("error", [ThrottledError("wait"), SyncError("rejected")])
async def test_a_refusal_is_an_answer(
    breaker: CircuitBreaker, clock: ManualClock, error: SyncError
) -> None:
    async def refused() -> None:
        raise error

    for _ in range(20):
        with pytest.raises(type(error)):
            await breaker.run(refused)
        clock.advance(10)


async def test_after_the_rest_one_call_may_try_and_the_others_wait_for_what_comes_of_it(
    breaker: CircuitBreaker, clock: ManualClock
) -> None:
    await break_circuit(breaker, clock)
    clock.advance(20)
    breaker.raise_if_open()
    comes = asyncio.Event()

    async def slow() -> str:
        await comes.wait()
        return "answer"

    trial = asyncio.create_task(breaker.run(slow))
    await asyncio.sleep(0)
    with pytest.raises(CircuitOpenError):
        await breaker.run(answered)
    comes.set()
    assert await trial == "answer"
    assert await breaker.run(answered) == "answer"


async def test_each_failed_try_doubles_the_rest_up_to_five_minutes(
    breaker: CircuitBreaker, clock: ManualClock
) -> None:
    await break_circuit(breaker, clock)
    clock.advance(20)
    rests = []
    for _ in range(6):
        with pytest.raises(ShopifyTimeoutError):
            await breaker.run(timed_out)
        with pytest.raises(CircuitOpenError) as caught:
            breaker.raise_if_open()
        rests.append(caught.value.retry_after_seconds)
        clock.advance(caught.value.retry_after_seconds or 0)
    assert rests == [60, 120, 240, 300, 300, 300]


async def timed_out() -> None:
    raise ShopifyTimeoutError("late")


async def test_a_try_whose_caller_gives_up_is_learned_from_all_the_same(
    breaker: CircuitBreaker, clock: ManualClock
) -> None:
    await break_circuit(breaker, clock)
    clock.advance(20)
    comes = asyncio.Event()
    trial = asyncio.create_task(breaker.run(comes.wait))
    await asyncio.sleep(0)
    trial.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trial
    with pytest.raises(CircuitOpenError):
        breaker.raise_if_open()
    comes.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    breaker.raise_if_open()
    assert await breaker.run(answered) == "answer"


async def test_a_late_failure_of_before_does_not_prolong_the_rest(
    breaker: CircuitBreaker, clock: ManualClock
) -> None:
    comes = asyncio.Event()

    async def late() -> None:
        await comes.wait()
        raise ShopifyUnavailableError("away")

    under_way = asyncio.create_task(breaker.run(late))
    await asyncio.sleep(0)
    await break_circuit(breaker, clock)
    comes.set()
    with pytest.raises(ShopifyUnavailableError):
        await under_way
    clock.advance(20)
    assert await breaker.run(answered) == "answer"
