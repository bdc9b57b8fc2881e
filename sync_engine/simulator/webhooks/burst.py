"""Many webhooks in a short time, about records as they are: what a receiver has to be able to take.

They go the way of all others, so they are disturbed, retried and signed like them. Time is real:
the question is how fast the receiver answers.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from uuid import UUID

from msgspec import Struct

from sync_engine.simulator.events import ShopEvent
from sync_engine.simulator.generate.ids import IdSpace
from sync_engine.simulator.record_set import RecordSet
from sync_engine.simulator.webhooks.announcer import Announcer
from sync_engine.simulator.webhooks.delivery import Delivery

if TYPE_CHECKING:
    from sync_engine.simulator.shop_state import ShopState
    from sync_engine.simulator.simulation import Simulation

BURST_TOPICS = {
    "orders/create": "order",
    "orders/updated": "order",
    "customers/create": "customer",
    "customers/update": "customer",
    "products/create": "product",
    "products/update": "product",
}

_SECONDS_PER_MINUTE = 60.0


class BurstOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to send.

    Attributes:
        count: How many events; each makes one webhook for every subscription to its topic.
        per_minute: None sends as fast as the receiver answers.
        is_prepared: Write all payloads before the first is sent, so that sending is cheaper.
    """

    topic: str = "orders/updated"
    count: int = 1000
    per_minute: float | None = None
    is_prepared: bool = False


class Burst:
    """One burst, running or over."""

    def __init__(
        self, simulation: "Simulation", state: "ShopState", order: BurstOrder, id_: int
    ) -> None:
        self.id = id_
        self._simulation = simulation
        self._state = state
        self._order = order
        self._announcer = Announcer(simulation, state)
        self._deliveries: list[Delivery] = []
        self._start = time.perf_counter()
        self._has_sent_all = False

    async def run(self) -> None:
        """Send everything."""
        made: Iterator[list[Delivery]] = self._made()
        if self._order.is_prepared:
            prepared = []
            for deliveries in made:
                prepared.append(deliveries)
                await asyncio.sleep(0)
            made = iter(prepared)
        self._start = time.perf_counter()
        for number, deliveries in enumerate(made):
            await self._turn(number)
            for delivery in deliveries:
                self._deliveries.append(delivery)
                self._state.way.send(delivery)
        self._has_sent_all = True

    def report(self) -> dict[str, Any]:
        """How it went so far: attempts by status, and how long the answers took."""
        states = Counter(delivery.state for delivery in self._deliveries)
        attempts = [attempt for delivery in self._deliveries for attempt in delivery.attempts]
        latencies = sorted(attempt.seconds for attempt in attempts if attempt.status is not None)
        last = max((attempt.answered for attempt in attempts), default=self._start)
        seconds = max(0.0, last - self._start)
        return {
            "id": self.id,
            "order": self._order,
            "is_over": self._has_sent_all and not states["waiting"] and not states["in_flight"],
            "sent": len(self._deliveries),
            "states": dict(states),
            "attempts_by_status": dict(Counter(str(a.status or "error") for a in attempts)),
            "seconds": seconds,
            "answers_per_minute": len(latencies) / seconds * _SECONDS_PER_MINUTE if seconds else 0,
            "latency_seconds": {
                f"p{share}": latencies[min(len(latencies) - 1, len(latencies) * share // 100)]
                for share in (50, 90, 99, 100)
            }
            if latencies
            else None,
        }

    def _made(self) -> Iterator[list[Delivery]]:
        shop, now = self._state.shop, int(self._simulation.clock.now())
        resource = BURST_TOPICS[self._order.topic]
        places: dict[str, tuple[RecordSet[Any], IdSpace]] = {
            "order": (shop.order_set, shop.ids.orders),
            "customer": (shop.customer_set, shop.ids.customers),
            "product": (shop.product_set, shop.ids.products),
        }
        records, ids = places[resource]
        made, index = 0, 0
        while made < self._order.count and len(records):
            if records.exists(index % records.end):
                event = ShopEvent(
                    topic=self._order.topic,
                    resource=resource,
                    id=ids.id_of(index % records.end),
                    at=now,
                    event_id=str(UUID(token_hex(16))),
                )
                yield self._announcer.deliveries(event, self.id)
                made += 1
            index += 1

    async def _turn(self, number: int) -> None:
        """Wait for this event's moment, and let others have their turn."""
        if self._order.per_minute is None:
            await self._simulation.outbox.room()
        else:
            due = self._start + number * _SECONDS_PER_MINUTE / self._order.per_minute
            if due > time.perf_counter():
                await asyncio.sleep(due - time.perf_counter())
                return
        await asyncio.sleep(0)
