"""Tries again what may pass by itself: exponential backoff with full jitter, never for ever."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from sync_engine.model.clock import Clock
from sync_engine.model.errors import CircuitOpenError, RetryableError

T = TypeVar("T")

_ATTEMPTS = 12
_MAX_WAIT_SECONDS = 30.0


async def retrying(
    attempt: Callable[[], Awaitable[T]],
    *,
    clock: Clock,
    on_retry: Callable[[], None],
    within_seconds: float = 300.0,
) -> T:
    """Return what the attempt returns, after at most twelve tries within the time given.

    Raises:
        CircuitOpenError: at once; it is for whoever may put the work off.
        RetryableError: the last one, when tries or time are used up.
    """
    deadline = clock.monotonic_seconds() + within_seconds
    backoff = wait_random_exponential(multiplier=0.5, max=_MAX_WAIT_SECONDS)
    stop_trying = stop_after_attempt(_ATTEMPTS)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_seconds if isinstance(error, RetryableError) else None
        return backoff(state) if asked is None else asked

    def stop(state: RetryCallState) -> bool:
        return stop_trying(state) or clock.monotonic_seconds() + wait(state) > deadline

    def before_sleep(_: RetryCallState) -> None:
        on_retry()

    policy = AsyncRetrying(
        retry=retry_if_exception(_may_help),
        stop=stop,
        wait=wait,
        sleep=clock.sleep,
        before_sleep=before_sleep,
        reraise=True,
    )
    return await policy(attempt)


def _may_help(error: BaseException) -> bool:
    return isinstance(error, RetryableError) and not isinstance(error, CircuitOpenError)
