"""Turns what happens in a shop into deliveries, one for every subscription that it concerns."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from secrets import token_hex
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct

from sync_engine.simulator.api_versions import served_version
from sync_engine.simulator.events import ShopEvent
from sync_engine.simulator.json_text import to_json
from sync_engine.simulator.webhooks.delivery import Delivery
from sync_engine.simulator.webhooks.payloads import Payload, payload
from sync_engine.simulator.webhooks.protection import without_protected
from sync_engine.simulator.webhooks.topics import (
    COMPLIANCE_TOPICS,
    is_protected,
    scope_of_topic,
    topic_of,
)

if TYPE_CHECKING:
    from sync_engine.simulator.shop_state import ShopState
    from sync_engine.simulator.simulation import Simulation

_NANOSECONDS = 1_000_000_000


class _Target(Struct, frozen=True, kw_only=True):
    """Where a webhook goes."""

    uri: str
    include_fields: tuple[str, ...]
    name: str | None
    subscription: int | None


class Announcer:
    """Writes the webhooks of one shop."""

    def __init__(self, simulation: "Simulation", state: "ShopState") -> None:
        self._simulation = simulation
        self._state = state

    def hear(self, event: ShopEvent) -> None:
        """Send a webhook to everybody who subscribed to such events."""
        for delivery in self.deliveries(event):
            self._state.way.send(delivery)

    def deliveries(self, event: ShopEvent, burst: int | None = None) -> list[Delivery]:
        """The webhooks that an event causes; one for everybody who subscribed to it."""
        targets = list(self._targets(event))
        return self._written(event, targets, burst) if targets else []

    def _written(
        self, event: ShopEvent, targets: list[_Target], burst: int | None
    ) -> list[Delivery]:
        shown = payload(event, self._state.shop)
        if shown is None:
            return []
        if is_protected(event.topic):
            shown = without_protected(shown, self._state.approval)
        whole = to_json(shown)
        made = []
        for target in targets:
            body = _some(shown, target.include_fields) if target.include_fields else whole
            made.append(self._delivery(event, target, body, burst))
        return made

    def _delivery(
        self, event: ShopEvent, target: _Target, body: bytes, burst: int | None
    ) -> Delivery:
        simulation = self._simulation
        now = simulation.clock.now()
        asked = simulation.app_config.webhooks.api_version
        return Delivery(
            webhook_id=_uuid(),
            event_id=event.event_id,
            triggered_at=_nanoseconds(now),
            topic=event.topic,
            shop=self._state.spec.domain,
            uri=target.uri,
            api_version=served_version(asked, now) or asked,
            body=body,
            subscription=target.subscription,
            name=target.name,
            burst=burst,
        )

    def _targets(self, event: ShopEvent) -> Iterable["_Target"]:
        if event.topic not in COMPLIANCE_TOPICS:
            for subscription in self._state.webhooks.all():
                # A filter that cannot be applied holds everything back, as a wrong one does.
                is_meant = topic_of(subscription.topic) == event.topic and not subscription.filter
                if is_meant and self._concerns(event, subscription.app):
                    yield _Target(
                        uri=subscription.uri,
                        include_fields=subscription.include_fields,
                        name=subscription.name,
                        subscription=subscription.id,
                    )
        app = self._simulation.app.client_id
        if event.topic in COMPLIANCE_TOPICS or self._concerns(event, app):
            for configured in self._simulation.app_config.subscribed(event.topic):
                if not configured.filter:
                    yield _Target(
                        uri=configured.uri,
                        include_fields=configured.include_fields,
                        name=configured.name,
                        subscription=None,
                    )

    def _concerns(self, event: ShopEvent, app: str) -> bool:
        if event.app is not None and event.app != app:
            return False
        now = self._simulation.clock.now()
        scopes = self._simulation.tokens.scopes_of(self._state.spec.domain, app, now)
        if scopes is None:
            return False
        needed = scope_of_topic(event.topic)
        return needed is None or bool({needed, needed.replace("read_", "write_", 1)} & scopes)


def _some(shown: Payload, names: tuple[str, ...]) -> bytes:
    return to_json({name: shown[name] for name in names if name in shown})


def _uuid() -> str:
    return str(UUID(token_hex(16)))


def _nanoseconds(now: float) -> str:
    """RFC 3339 to the nanosecond; what the simulated clock is too coarse for is made up."""
    fraction = int(now % 1 * _NANOSECONDS) // 1000 * 1000 + time.perf_counter_ns() % 1000
    return f"{datetime.fromtimestamp(int(now), UTC):%Y-%m-%dT%H:%M:%S}.{fraction:09d}Z"
