"""Stops asking a shop that does not answer, so that it keeps no worker from the other shops.

After failures in a row over half a minute the circuit opens: calls fail at once and say when the
next try is. Then one call may try. If it is answered, whatever the answer, all go on; if not, the
circuit stays open for twice as long, up to five minutes. The one call is brought to its end even
where its caller gives up, such as because its siblings were turned away meanwhile: or nobody would
ever learn that the shop is back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from sync_engine.model.clock import Clock
from sync_engine.model.errors import CircuitOpenError, ShopifyUnavailableError, SyncError

_FAILURES_IN_A_ROW = 5
_FAILING_SECONDS = 30.0
_FIRST_REST_SECONDS = 30.0
_MAX_REST_SECONDS = 300.0
_TRIAL_SECONDS = 5.0

T = TypeVar("T")


class CircuitBreaker:
    """The state of one shop, for all calls of this process to it."""

    def __init__(self, clock: Clock, failures_in_a_row: int = _FAILURES_IN_A_ROW) -> None:
        """Begin closed: calls pass, until so many have failed."""
        self._clock = clock
        self._most_failures = failures_in_a_row
        self._failures = 0
        self._failing_since = 0.0
        self._rest_seconds = 0.0
        self._open_until: float | None = None
        self._is_on_trial = False

    def raise_if_open(self) -> None:
        """Pass if a call may be tried.

        Raises:
            CircuitOpenError: the shop rests.
        """
        if self._open_until is None:
            return
        seconds = self._open_until - self._clock.monotonic_seconds()
        if seconds <= 0 and not self._is_on_trial:
            return
        seconds = max(seconds, _TRIAL_SECONDS if self._is_on_trial else 0.0)
        raise CircuitOpenError(
            "Shopify has not answered for this shop for a while, and is given a rest",
            retry_after_seconds=seconds,
            next_try_at=self._clock.now() + timedelta(seconds=seconds),
        )

    async def run(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call, and learn from it whether the shop answers.

        Raises:
            CircuitOpenError: the shop rests; nothing was sent.
        """
        self.raise_if_open()
        if self._open_until is None:
            return await self._learn_from(call, is_trial=False)
        self._is_on_trial = True
        trial = asyncio.create_task(self._learn_from(call, is_trial=True), name="circuit trial")
        trial.add_done_callback(_hear)
        return await asyncio.shield(trial)

    async def _learn_from(self, call: Callable[[], Awaitable[T]], *, is_trial: bool) -> T:
        try:
            answer = await call()
        except ShopifyUnavailableError:
            self._note_failure(is_trial=is_trial)
            raise
        except SyncError:
            self._note_answer()
            raise
        else:
            self._note_answer()
            return answer
        finally:
            if is_trial:
                self._is_on_trial = False

    def _note_answer(self) -> None:
        self._failures = 0
        self._rest_seconds = 0.0
        self._open_until = None

    def _note_failure(self, *, is_trial: bool) -> None:
        now = self._clock.monotonic_seconds()
        if self._failures == 0:
            self._failing_since = now
        self._failures += 1
        if self._open_until is None:
            is_broken = (
                self._failures >= self._most_failures
                and now - self._failing_since >= _FAILING_SECONDS
            )
            if not is_broken:
                return
        elif not is_trial:
            return  # it was sent before the circuit opened and says nothing new
        self._rest_seconds = min(
            max(self._rest_seconds * 2, _FIRST_REST_SECONDS), _MAX_REST_SECONDS
        )
        self._open_until = now + self._rest_seconds


def _hear(trial: asyncio.Task[T]) -> None:
    """Take note of how a trial ended that nobody may wait for any more."""
    if not trial.cancelled():
        trial.exception()
