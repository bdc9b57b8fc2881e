"""A webhook as it came, and what became of it."""

from datetime import datetime
from enum import StrEnum

import msgspec

from sync_engine.model.shop_domain import ShopDomain


class WebhookEventStatus(StrEnum):
    """How far an event is."""

    RECEIVED = "RECEIVED"
    PROCESSED = "PROCESSED"
    SUPERSEDED = "SUPERSEDED"
    FAILED = "FAILED"


class WebhookEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery.

    ``id`` is ``X-Shopify-Webhook-Id``, the same when a delivery is tried again; ``event_id`` is
    shared by all deliveries of one action of the merchant, so it is no key. ``note`` says why it
    failed, or why there was nothing to do.
    """

    id: str
    shop: ShopDomain
    topic: str
    event_id: str | None
    api_version: str | None
    triggered_at: datetime | None
    received_at: datetime
    body: bytes
    status: WebhookEventStatus = WebhookEventStatus.RECEIVED
    attempts: int = 0
    note: str | None = None
    processed_at: datetime | None = None


class EventOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an event: settled for good, or RECEIVED again to be tried later.

    ``forgets_payload`` says that nobody may keep what it said once it is settled.
    """

    event_id: str
    status: WebhookEventStatus
    note: str | None = None
    retry_in_seconds: float = 0.0
    forgets_payload: bool = False
