"""Who is next: higher priorities first, fair shares within one, and nobody waits for ever."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.shopify.throttle.fair_line import FairLine
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.waiter import Waiter
from sync_engine.shopify.throttle.waiting_line import WaitingLine

PRICES = st.integers(1, 1000).map(float)


def serve_next(line: FairLine | WaitingLine) -> Waiter:
    waiter = line.in_order()[0]
    line.serve(waiter)
    return waiter


@given(prices=st.tuples(PRICES, PRICES), lengths=st.tuples(st.integers(1, 40), st.integers(1, 40)))
async def test_two_pieces_of_work_get_the_same_whatever_their_calls_cost(
    prices: tuple[float, float], lengths: tuple[int, int]
) -> None:
    line = FairLine()
    for flow in (0, 1):
        for _ in range(lengths[flow]):
            line.join(Waiter(prices[flow], Priority.INITIAL, flow))
    had = [0.0, 0.0]
    left = list(lengths)
    while min(left):
        served = serve_next(line)
        had[int(str(served.flow))] += served.price
        left[int(str(served.flow))] -= 1
        assert abs(had[0] - had[1]) <= sum(prices)


async def test_work_that_was_silent_has_not_saved_up_turns() -> None:
    line = FairLine()
    for flow in ("busy", "busy", "busy", "busy", "busy"):
        line.join(Waiter(10, Priority.INITIAL, flow))
    for _ in range(2):
        serve_next(line)
    for _ in range(3):
        line.join(Waiter(10, Priority.INITIAL, "late"))
    served = [serve_next(line).flow for _ in range(6)]
    assert sorted(served[:2], key=str) == ["busy", "late"]
    assert sorted(served[2:4], key=str) == ["busy", "late"]


@settings(max_examples=50, deadline=None)
@given(
    spent=st.integers(0, 1000),
    price=st.integers(1, 100),
    newcomers=st.lists(st.integers(10, 300), min_size=1, max_size=4),
)
async def test_a_stream_of_new_work_keeps_nobody_waiting_for_ever(
    spent: int, price: int, newcomers: list[int]
) -> None:
    line = FairLine()
    line.join(Waiter(0, Priority.WEBHOOK, "other"))
    line.join(Waiter(spent, Priority.WEBHOOK, "old"))
    while line:
        serve_next(line)
    old = Waiter(price, Priority.WEBHOOK, "old")
    line.join(old)
    passed = 0.0
    number = 0
    while True:
        for cost in newcomers:
            number += 1
            line.join(Waiter(cost, Priority.WEBHOOK, number))
        served = serve_next(line)
        if served is old:
            break
        passed += served.price
        assert passed <= 10 * price + max(newcomers)


@settings(max_examples=50, deadline=None)
@given(price=st.integers(1, 40).map(float), flood=st.lists(PRICES, min_size=1, max_size=10))
async def test_a_lower_priority_gets_a_tenth_of_what_passes_it(
    price: float, flood: list[float]
) -> None:
    line = WaitingLine()
    low = Waiter(price, Priority.INITIAL, "low")
    line.join(low)
    passed = 0.0
    number = 0
    while True:
        line.join(Waiter(flood[number % len(flood)], Priority.PERSON, number))
        number += 1
        waiter = serve_next(line)
        if waiter is low:
            break
        passed += waiter.price
        assert passed - max(flood) <= 10 * price
    assert 10 * price <= passed + 1e-6


@given(st.lists(st.sampled_from(Priority), min_size=1, max_size=9))
async def test_without_a_flood_the_order_is_that_of_priority(waiting: list[Priority]) -> None:
    line = WaitingLine()
    for flow, priority in enumerate(waiting):
        line.join(Waiter(1, priority, flow))
    assert [serve_next(line).priority for _ in waiting] == sorted(waiting)
    assert line.in_order() == []
