"""The webhooks of a shop: what Shopify sent and what became of it."""

from datetime import datetime
from functools import partial

import strawberry

from gateway.graphql.describing import api_type
from gateway.graphql.enums import WebhookEventStatus
from gateway.graphql.paging import Connection, checked_first, page_of
from sync_engine.model import webhook_event
from sync_engine.store.store import ShopStore


@api_type
class WebhookEvent:
    """One delivery of a webhook. Entries go after a week."""

    id: strawberry.ID = strawberry.field(
        description="Shopify's id of the delivery; the same when it is tried again."
    )
    topic: str = strawberry.field(description="What it is about, such as orders/updated.")
    status: WebhookEventStatus = strawberry.field(description="How far it is.")
    triggered_at: datetime | None = strawberry.field(
        description="When Shopify sent it off first; null where it does not say."
    )
    received_at: datetime = strawberry.field(description="When it was stored here.")
    processed_at: datetime | None = strawberry.field(
        description="When it was settled; null while it is not."
    )
    attempts: int = strawberry.field(description="How often it was tried to apply it.")
    error: str | None = strawberry.field(
        description="Why it failed or is put off, or why there was nothing to do."
    )


@api_type
class WebhookEventConnection(Connection[WebhookEvent]):
    """One page of webhooks."""


def webhook_event_list(
    shop: ShopStore,
    *,
    first: int,
    after: str | None,
    topic: str | None,
    status: WebhookEventStatus | None,
) -> WebhookEventConnection:
    """Return the webhooks of a shop that match, newest first; nothing is read yet.

    Raises:
        BadUserInputError: the page is too large.
    """
    page = partial(
        shop.events.page, first=checked_first(first), after=after, topic=topic, status=status
    )
    return WebhookEventConnection(
        page=page_of(page, _webhook_event_of),
        count=partial(shop.events.count, topic=topic, status=status),
    )


def _webhook_event_of(record: webhook_event.WebhookEvent) -> WebhookEvent:
    return WebhookEvent(
        id=strawberry.ID(record.id),
        topic=record.topic,
        status=record.status,
        triggered_at=record.triggered_at,
        received_at=record.received_at,
        processed_at=record.processed_at,
        attempts=record.attempts,
        error=record.note,
    )
