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
from sync_engine.model.errors import CircuitOpenError, RetryableError, ShopNotFoundError

T = TypeVar("T")

_ATTEMPTS = 12
_ATTEMPTS_AT_NOTHING = 6  # for up to a quarter of a minute
_MAX_WAIT_SECONDS = 30.0


async def retrying(
    attempt: Callable[[], Awaitable[T]],
    *,
    clock: Clock,
    on_retry: Callable[[], None],
    within_seconds: float = 300.0,
    is_awaited: bool = False,
) -> T:
    """Return what the attempt returns, after at most twelve tries within the time given.

    That there is no such shop Shopify may say in passing, too, so that is tried again, less often;
    not where somebody waits for the answer, who may have misspelt the shop.

    Raises:
        CircuitOpenError: at once; it is for whoever may put the work off.
        RetryableError: the last one, when tries or time are used up.
        ShopNotFoundError: likewise.
    """
    deadline = clock.monotonic_seconds() + within_seconds
    backoff = wait_random_exponential(multiplier=0.5, max=_MAX_WAIT_SECONDS)
    stop_trying = stop_after_attempt(_ATTEMPTS)
    stop_looking = stop_after_attempt(1 if is_awaited else _ATTEMPTS_AT_NOTHING)

    def wait(state: RetryCallState) -> float:
        error = _error(state)
        asked = error.retry_after_seconds if isinstance(error, RetryableError) else None
        return backoff(state) if asked is None else asked

    def stop(state: RetryCallState) -> bool:
        is_nothing = isinstance(_error(state), ShopNotFoundError)
        is_enough = stop_looking(state) if is_nothing else stop_trying(state)
        return is_enough or clock.monotonic_seconds() + wait(state) > deadline

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
    can_pass = isinstance(error, RetryableError | ShopNotFoundError)
    return can_pass and not isinstance(error, CircuitOpenError)


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
