"""A desk where a test puts webhooks down and applies them when it says so."""

import asyncio
import itertools
import json
from dataclasses import dataclass
from typing import Any

import httpx

from sync_engine.engine import Engine
from sync_engine.inbox.apply_events import EventApplier
from sync_engine.model.shop import Shop
from sync_engine.model.webhook_event import WebhookEvent, WebhookEventStatus
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.shop_calls import TokenSource
from sync_engine.shopify.throttle.priority import Priority
from tests.examples import event
from tests.simulator_process import Simulator


@dataclass
class Desk:
    """Where webhooks are put down and applied when the test says so."""

    engine: Engine
    shopify: Simulator
    shop: Shop

    def __post_init__(self) -> None:
        self._numbers = itertools.count()

    async def put(self, topic: str, payload: Any, **changes: Any) -> str:
        """Put a webhook down and return its id."""
        number = next(self._numbers)
        fields = {
            "topic": topic,
            "body": json.dumps(payload).encode(),
            "shop": self.shop.domain,
        } | changes
        put = event(number, **fields)
        await self.engine.receive_webhook(put)
        return put.id

    async def apply(self, client: ShopifyClient | None = None, patience_seconds: float = 30) -> int:
        """Apply what is due."""
        applier = EventApplier(
            self.engine.store, self.engine.clock, patience_seconds=patience_seconds
        )
        usual = self.engine.clients.of(self.shop.domain, Priority.WEBHOOK)
        return await applier.apply_due(self.shop, client or usual)

    async def found(self) -> dict[str, WebhookEvent]:
        """Return the events by their ids."""
        page = await self.engine.store.shop(self.shop.domain).events.page(first=100)
        return {item.node.id: item.node for item in page.items}

    async def statuses(self) -> dict[str, WebhookEventStatus]:
        return {name: each.status for name, each in (await self.found()).items()}

    def payload(self, resource: str, number: int) -> Any:
        """Return what Shopify shows of a record over REST, and sends in webhooks."""
        url = f"{self.shopify.url}/{self.shop.domain}/admin/api/2026-10/{resource}s/{number}.json"
        token = f"shpat_{self.shop.domain.split('.')[0]}"
        answer = httpx.get(url, headers={"X-Shopify-Access-Token": token})
        return answer.json()[resource]

    def client(self, tokens: TokenSource) -> ShopifyClient:
        return self.engine.shopify.client(
            self.shop.domain, tokens, Meter(), priority=Priority.WEBHOOK
        )


class NoAnswer:
    """A source of tokens that keeps everybody waiting, as a Shopify that hangs does."""

    async def current(self) -> str:
        await asyncio.Event().wait()
        return ""

    async def renewed(self, rejected: str) -> str:
        return rejected
