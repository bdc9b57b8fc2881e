"""Out of order, twice, late, one by one or in bursts: webhooks end where their shop ended."""

import itertools
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_engine.inbox.apply_events import EventApplier
from sync_engine.model.clock import SystemClock
from sync_engine.model.sync_enums import Resource
from sync_engine.model.webhook_event import WebhookEventStatus
from sync_engine.shopify.app_credentials import AppCredentials
from sync_engine.shopify.connection import Shopify, open_shopify
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.store.store import Store
from tests.examples import MONDAY, connected_shop, event, fresh_shop
from tests.static_token import StaticToken


class Fired(msgspec.Struct, frozen=True):
    """A webhook that the shop has fired; ``title`` is None where the product was deleted."""

    number: int
    title: str | None
    updated_second: int
    fired_second: int

    @property
    def body(self) -> bytes:
        if self.title is None:
            return json.dumps({"id": self.number}).encode()
        variant = {"id": 1, "title": "S", "price": "1.00", "position": 1}
        payload: dict[str, Any] = {
            "id": self.number,
            "created_at": MONDAY.isoformat(),
            "updated_at": (MONDAY + timedelta(seconds=self.updated_second)).isoformat(),
            "title": self.title,
            "handle": "h",
            "status": "active",
            "tags": "",
            "variants": [variant],
        }
        return json.dumps(payload).encode()


@st.composite
def histories(draw: st.DrawFn) -> list[Fired]:
    """Draw what happened to two products: several changes a second, and ends."""
    fired: list[Fired] = []
    moment = itertools.count()
    for number in (1, 2):
        steps = draw(st.lists(st.integers(0, 1), min_size=2, max_size=4))
        for place, second in enumerate(itertools.accumulate(steps)):
            fired.append(Fired(number, f"{number}.{place}", second, next(moment)))
        if draw(st.booleans()):
            fired.append(Fired(number, None, 0, next(moment)))
    return fired


@pytest_asyncio.fixture
async def nowhere() -> AsyncIterator[Shopify]:
    """Yield the way to a Shopify that does not answer: nobody may need it."""
    app = AppCredentials(
        api_key="key",
        api_secret="secret",
        previous_api_secret=None,
        api_version="2026-10",
        scopes=(),
        base_url="http://127.0.0.1:9/{shop}",
    )
    async with open_shopify(app, SystemClock(), requests_per_second=40) as opened:
        yield opened


@given(history=histories(), data=st.data())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_order_and_any_repetition_end_where_the_shop_ended(
    store: Store, nowhere: Shopify, history: list[Fired], data: st.DataObject
) -> None:
    repeated = data.draw(st.lists(st.sampled_from(history), max_size=3))
    sent = data.draw(st.permutations([*enumerate(history), *enumerate(repeated, 100)]))
    is_applied_then = data.draw(st.lists(st.booleans(), min_size=len(sent), max_size=len(sent)))
    shop = await connected_shop(store, fresh_shop())  # the database outlives an example
    client = nowhere.client(shop.domain, StaticToken(""), Meter(), priority=Priority.WEBHOOK)
    applier = EventApplier(store, SystemClock(), patience_seconds=0.1)
    async with store.intake.open(), store.changes(shop.domain) as changes:
        for (number, fired), is_applied in zip(sent, is_applied_then, strict=True):
            await store.intake.add(
                event(
                    number,
                    shop.domain,
                    topic="products/delete" if fired.title is None else "products/update",
                    triggered_at=MONDAY + timedelta(seconds=fired.fired_second),
                    body=fired.body,
                )
            )
            if is_applied:
                await applier.apply_due(shop, client, changes)
        await applier.apply_due(shop, client, changes)

    last = {fired.number: fired for fired in history}
    found = await store.shop(shop.domain).products.get_many([1, 2])
    assert {number: record.title for number, record in found.items()} == {
        number: fired.title for number, fired in last.items() if fired.title is not None
    }
    reader = store.shop(shop.domain).reader(Resource.PRODUCTS)
    assert await reader.count() == len(found)
    page = await store.shop(shop.domain).events.page(first=250)
    assert {item.node.status for item in page.items} <= {
        WebhookEventStatus.PROCESSED,
        WebhookEventStatus.SUPERSEDED,
    }
