"""Delivers webhooks: at once, again when that failed, and no more when it keeps failing.

Source: shopify.dev, "HTTPS webhooks" (one second to connect, five for the whole request, any 2xx,
eight retries over four hours, subscriptions of the API deleted after eight failures in a row).
How the waits between retries grow is not published; here each is twice the one before.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from itertools import chain

from msgspec import Struct

from sync_engine.simulator.agenda import Agenda
from sync_engine.simulator.clock import SimulatedClock
from sync_engine.simulator.webhooks.delivery import Attempt, Delivery
from sync_engine.simulator.webhooks.http_poster import HttpPoster

RETRIES = 8
FAILURES_UNTIL_REMOVAL = 8

_KEPT = 50_000


class Pace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How deliveries are made.

    Attributes:
        connections: Requests at the same time.
        retry_over_seconds: Simulated time from the first attempt to the last retry.
        connect_seconds, answer_seconds: Real time for the connection, and for all of a request.
    """

    connections: int = 32
    retry_over_seconds: float = 14_400.0
    connect_seconds: float = 1.0
    answer_seconds: float = 5.0

    def wait_before_retry(self, number: int) -> float:
        """Simulated seconds to wait before the given retry, counted from 1."""
        return self.retry_over_seconds * (1 << (number - 1)) / ((1 << RETRIES) - 1)


class Outbox:
    """All deliveries of the platform.

    Args:
        secret: The app's client secret at this moment.
        remove_subscription: Told of deliveries whose subscription has failed for good.
    """

    def __init__(
        self,
        clock: SimulatedClock,
        agenda: Agenda,
        *,
        secret: Callable[[], str],
        remove_subscription: Callable[[Delivery], None],
    ) -> None:
        self.pace = Pace()
        self._clock = clock
        self._agenda = agenda
        self._secret = secret
        self._remove_subscription = remove_subscription
        self._poster = HttpPoster()
        self._ready: deque[Delivery] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._past: deque[Delivery] = deque(maxlen=_KEPT)
        self._later = 0
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._is_quiet = asyncio.Event()
        self._is_quiet.set()

    def send(self, delivery: Delivery, *, after_seconds: float = 0.0) -> None:
        """Deliver, after a time on the simulated clock."""
        self._past.append(delivery)
        self._schedule(delivery, self._clock.now() + after_seconds)

    def note_dropped(self, delivery: Delivery) -> None:
        """Keep a delivery that Shopify lost, for the record."""
        delivery.state = "dropped"
        self._past.append(delivery)

    def deliveries(self, shop: str) -> list[Delivery]:
        """What was or is to be delivered for a shop, oldest first."""
        return [delivery for delivery in self._past if delivery.shop == shop]

    def report(self) -> dict[str, int]:
        """How much there is to do: in flight, ready, and waiting for a later moment."""
        return {"in_flight": len(self._tasks), "ready": len(self._ready), "later": self._later}

    async def room(self) -> None:
        """Wait until no delivery waits for a connection."""
        await self._has_room.wait()

    async def drained(self, within_seconds: float) -> bool:
        """Wait until nothing is in flight or ready; False if that takes too long."""
        try:
            async with asyncio.timeout(within_seconds):
                await self._is_quiet.wait()
        except TimeoutError:
            return False
        return True

    def clear(self) -> None:
        """Forget all deliveries and go back to the usual pace; what is in flight is cut off."""
        for task in self._tasks:
            task.cancel()
        self._ready.clear()
        self._past.clear()
        self._later = 0
        self.pace = Pace()

    async def stop(self) -> None:
        """Cancel what is in flight and close all connections."""
        tasks = list(self._tasks)
        self.clear()
        if tasks:
            await asyncio.wait(tasks)
        self._poster.close()

    def _schedule(self, delivery: Delivery, moment: float) -> None:
        delivery.state = "waiting"
        self._later += 1
        self._agenda.at(moment, partial(self._make_ready, delivery))

    def _make_ready(self, delivery: Delivery) -> None:
        self._later -= 1
        self._ready.append(delivery)
        self._start()

    def _start(self) -> None:
        while self._ready and len(self._tasks) < self.pace.connections:
            delivery = self._ready.popleft()
            delivery.state = "in_flight"
            task = asyncio.get_running_loop().create_task(self._deliver(delivery))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        if self._ready:
            self._has_room.clear()
        else:
            self._has_room.set()
        if self._ready or self._tasks:
            self._is_quiet.clear()
        else:
            self._is_quiet.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._start()
        if not task.cancelled() and task.exception() is not None:
            context = {"message": "a webhook failed", "exception": task.exception(), "task": task}
            task.get_loop().call_exception_handler(context)

    async def _deliver(self, delivery: Delivery) -> None:
        attempt = await self._attempt(delivery)
        delivery.attempts = list(chain(delivery.attempts, (attempt,)))
        if attempt.is_success:
            delivery.state, delivery.body = "delivered", b""
            return
        failures = len(delivery.attempts)
        is_removed = delivery.subscription is not None and failures >= FAILURES_UNTIL_REMOVAL
        if is_removed:
            self._remove_subscription(delivery)
        if is_removed or failures > RETRIES:
            delivery.state, delivery.body = "given_up", b""
            return
        self._schedule(delivery, self._clock.now() + self.pace.wait_before_retry(failures))

    async def _attempt(self, delivery: Delivery) -> Attempt:
        at, start = self._clock.now(), time.perf_counter()
        status, error = None, None
        try:
            async with asyncio.timeout(self.pace.answer_seconds):
                status = await self._poster.post(
                    delivery.uri,
                    delivery.headers(self._secret()),
                    delivery.body,
                    connect_seconds=self.pace.connect_seconds,
                )
        except (OSError, TimeoutError) as failure:
            error = str(failure) or type(failure).__name__
        end = time.perf_counter()
        return Attempt(at=at, status=status, error=error, seconds=end - start, answered=end)
