from hypothesis import given
from hypothesis import strategies as st

from sync_engine.simulator.buckets import CallsBucket, PointsBucket


def test_points_are_taken_and_restored_by_the_clock() -> None:
    bucket = PointsBucket(2000.0, 100.0, now=0.0)
    assert bucket.take(1500, 0.0)
    assert bucket.available(0.0) == 500
    assert not bucket.take(501, 0.0)
    assert bucket.available(2.5) == 750
    assert bucket.available(1000.0) == 2000


def test_unused_points_come_back_but_never_overflow() -> None:
    bucket = PointsBucket(100.0, 10.0, now=0.0)
    assert bucket.take(60, 0.0)
    bucket.give_back(40, 0.0)
    assert bucket.available(0.0) == 80
    bucket.give_back(50, 0.0)
    assert bucket.available(0.0) == 100


def test_a_smaller_bucket_keeps_what_fits() -> None:
    bucket = PointsBucket(2000.0, 100.0, now=0.0)
    bucket.resize(1000.0, 50.0, 0.0)
    assert bucket.available(0.0) == 1000
    assert bucket.take(1000, 0.0)
    assert bucket.available(2.0) == 100


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(1, 400)), max_size=60))
def test_nobody_gets_more_points_than_the_bucket_and_its_restoring_allow(
    steps: list[tuple[float, int]],
) -> None:
    bucket = PointsBucket(500.0, 20.0, now=0.0)
    now = taken = 0.0
    for pause, points in steps:
        now += pause
        if bucket.take(points, now):
            taken += points
        assert taken <= 500 + 20 * now + 1e-6
        assert 0 <= bucket.available(now) <= 500


def test_calls_fill_the_bucket_and_leak() -> None:
    bucket = CallsBucket(40, 2.0, now=0.0)
    assert all(bucket.take(0.0) for _ in range(40))
    assert bucket.header(0.0) == "40/40"
    assert not bucket.take(0.0)
    assert bucket.retry_after(0.0) == 0.5
    assert bucket.take(0.5)
    assert bucket.header(10.5) == "20/40"
