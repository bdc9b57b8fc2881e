"""The window over all shops: never more in any second, all of it while there is work, fairly."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.request_window import RequestWindow
from tests.manual_clock import ManualClock

ONE, OTHER = ShopDomain("one.myshopify.com"), ShopDomain("other.myshopify.com")
LIMIT = 40


async def send_all(
    clock: ManualClock, window: RequestWindow, arrivals: list[tuple[float, ShopDomain, Priority]]
) -> list[tuple[float, ShopDomain]]:
    """Send requests as they arrive, as soon as the window lets them; returns when each was sent."""
    sent: list[tuple[float, ShopDomain]] = []

    async def send(pause: float, shop: ShopDomain, priority: Priority) -> None:
        await clock.sleep(pause)
        await window.enter(shop, priority)
        sent.append((clock.monotonic_seconds(), shop))

    async def everybody() -> None:
        async with asyncio.TaskGroup() as group:
            for arrival in arrivals:
                group.create_task(send(*arrival))

    await clock.run_until_done(asyncio.create_task(everybody()), limit_seconds=1000)
    return sent


@given(
    arrivals=st.lists(
        st.tuples(st.floats(0, 5), st.sampled_from([ONE, OTHER]), st.sampled_from(list(Priority))),
        min_size=1,
        max_size=200,
    )
)
@settings(max_examples=60, deadline=None)
async def test_no_second_holds_more_than_the_limit(
    arrivals: list[tuple[float, ShopDomain, Priority]],
) -> None:
    clock = ManualClock()
    sent = await send_all(clock, RequestWindow(LIMIT, clock), arrivals)
    times = [at for at, _ in sent]
    assert len(times) == len(arrivals)
    for index in range(LIMIT, len(times)):
        assert times[index] - times[index - LIMIT] >= 1 - 1e-9


async def test_all_of_the_limit_is_used_while_there_is_work() -> None:
    clock = ManualClock()
    arrivals = [(0.0, ONE, Priority.INITIAL)] * (LIMIT * 5)
    sent = await send_all(clock, RequestWindow(LIMIT, clock), arrivals)
    assert sent[-1][0] == pytest.approx(4, abs=0.01)


async def test_a_shop_with_much_to_ask_leaves_the_others_their_share() -> None:
    clock = ManualClock()
    arrivals = [(0.0, ONE, Priority.INITIAL)] * (LIMIT * 4)
    arrivals += [(0.5, OTHER, Priority.INITIAL)] * LIMIT
    sent = await send_all(clock, RequestWindow(LIMIT, clock), arrivals)
    second = Counter(shop for at, shop in sent if 0.9 < at < 1.9)
    assert abs(second[ONE] - second[OTHER]) <= 1


async def test_a_person_does_not_wait_behind_a_first_sync() -> None:
    clock = ManualClock()
    arrivals = [(0.0, ONE, Priority.INITIAL)] * (LIMIT * 4) + [(0.5, OTHER, Priority.PERSON)]
    sent = await send_all(clock, RequestWindow(LIMIT, clock), arrivals)
    (person,) = (at for at, shop in sent if shop == OTHER)
    assert person == pytest.approx(1, abs=0.01)


async def test_a_request_that_was_cancelled_as_it_was_let_through_does_not_count() -> None:
    clock = ManualClock()
    window = RequestWindow(1, clock)
    await window.enter(ONE, Priority.INITIAL)
    waiting = asyncio.create_task(window.enter(ONE, Priority.INITIAL))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.advance(1.01)
    for _ in range(5):  # until it has been let through, and not a step further
        if window.seconds_until(1, Priority.INITIAL) > 0:
            break
        await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    assert await window.enter(OTHER, Priority.INITIAL) == 0
    with pytest.raises(asyncio.CancelledError):
        await waiting
