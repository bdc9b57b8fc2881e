"""Finds what is stored about a person of a shop, besides their own record."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from typing import TypeVar

from sync_engine.model.filters import OrderFilter, OrderSort
from sync_engine.model.records import Order
from sync_engine.model.webhook_event import WebhookEvent
from sync_engine.privacy.person import Person
from sync_engine.store.store import ShopStore
from sync_engine.store.sync_errors import StoredError

_PAGE = 250
_AT_A_STRETCH = 50

T = TypeVar("T")

Recogniser = Callable[[bytes | str | None], bool]
"""``Person.is_in`` or ``Person.may_be_in``."""


async def orders_of(store: ShopStore, person: Person, also: Collection[int]) -> list[Order]:
    """Return the person's orders, and those that Shopify says are theirs, by number."""
    found = await store.orders.get_many(also)
    after: str | None = None
    while True:
        page = await store.orders.page(
            OrderFilter(customer_id=person.number),
            sort=OrderSort.CREATED_AT,
            reverse=False,
            first=_PAGE,
            after=after,
        )
        found |= {item.node.id: item.node for item in page.items}
        if not page.has_next_page:
            return [found[number] for number in sorted(found)]
        after = page.items[-1].cursor


async def errors_that(store: ShopStore, tells: Recogniser) -> AsyncIterator[StoredError]:
    """Yield the entries of the quarantine of which something tells of the person."""
    async for error in _in_stretches(store.errors.every()):
        if any(tells(each) for each in (error.payload, error.message, error.resource_id)):
            yield error


async def webhooks_that(store: ShopStore, tells: Recogniser) -> AsyncIterator[WebhookEvent]:
    """Yield the webhooks whose payload is kept and tells of the person."""
    async for event in _in_stretches(store.events.with_payload()):
        if tells(event.body):
            yield event


async def _in_stretches(found: AsyncIterator[T]) -> AsyncIterator[T]:
    """Yield the same, and let other work go on now and then."""
    place = 0
    async for each in found:
        yield each
        place += 1
        if place % _AT_A_STRETCH == 0:
            await asyncio.sleep(0)
