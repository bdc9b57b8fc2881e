"""Settles the webhooks of one batch, and tells what became of each."""

from collections import Counter
from collections.abc import Iterable, Sequence

from sync_engine.model.clock import Clock
from sync_engine.model.telemetry import Telemetry
from sync_engine.model.webhook_event import EventOutcome, WebhookEvent, WebhookEventStatus
from sync_engine.store.webhook_events import WebhookEventRepository

_PUT_OFF = "PUT_OFF"


class Settling:
    """The events of a batch on their way to an end."""

    def __init__(
        self,
        repository: WebhookEventRepository,
        events: Sequence[WebhookEvent],
        *,
        telemetry: Telemetry,
        clock: Clock,
    ) -> None:
        """Take the events, and where they are stored."""
        self._repository = repository
        self._events = {event.id: event for event in events}
        self._telemetry = telemetry
        self._clock = clock
        self.counts: Counter[str] = Counter()
        """How many events came to which end, for the log."""

    async def settle(self, outcomes: Sequence[EventOutcome]) -> None:
        """Store what became of events.

        Raises:
            StoreUnavailableError: MongoDB is away.
        """
        await self._repository.settle(outcomes)
        self.tell(outcomes)

    def tell(self, outcomes: Iterable[EventOutcome]) -> None:
        """Tell of what was stored together with what the events told of."""
        now = self._clock.now()
        for each in outcomes:
            event = self._events[each.event_id]
            is_put_off = each.status is WebhookEventStatus.RECEIVED
            outcome = _PUT_OFF if is_put_off else each.status.value
            self.counts[outcome.lower()] += 1
            self._telemetry.webhook_settled(
                event.topic,
                outcome,
                seconds_since_received=(now - event.received_at).total_seconds(),
            )
