"""Applies the due webhooks of one shop: each once in effect, whatever order they came in."""

from collections.abc import Iterable, Sequence

import structlog

from sync_engine.inbox.coalesce import coalesce
from sync_engine.inbox.patience import PATIENCE_SECONDS
from sync_engine.inbox.read_event import PRIVACY_TOPICS, UnreadableEventError, read_event
from sync_engine.inbox.shop_affairs import ShopAffairs
from sync_engine.inbox.tidings import NothingToDo, OperationOver, PrivacyAsked, ShopTold, Told
from sync_engine.inbox.write_news import NewsWriter
from sync_engine.model.clock import Clock
from sync_engine.model.errors import (
    RetryableError,
    RunStoppedError,
    StoreUnavailableError,
    SyncError,
)
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import ShopStatus
from sync_engine.model.webhook_event import EventOutcome, WebhookEvent, WebhookEventStatus
from sync_engine.shopify.client import ShopifyClient
from sync_engine.store.records.shop_changes import ShopChanges
from sync_engine.store.store import Store

_EVENTS_AT_ONCE = 250
_ATTEMPTS = 14  # an outage of an hour passes before an event is given up
_FIRST_RETRY_SECONDS = 2.0
_LAST_RETRY_SECONDS = 900.0

log = structlog.get_logger(__name__)


class EventApplier:
    """Works on one shop at a time for each call; holds nothing between calls."""

    def __init__(
        self, store: Store, clock: Clock, *, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Take the open store, and how long to wait for Shopify."""
        self._store = store
        self._affairs = ShopAffairs(store, patience_seconds=patience_seconds, clock=clock)
        self._patience_seconds = patience_seconds
        self._clock = clock

    async def apply_due(self, shop: Shop, client: ShopifyClient, changes: ShopChanges) -> int:
        """Apply the shop's due events, some of them if they are many; returns how many.

        An event that cannot be applied now is put off, later with every attempt, and fails for
        good in the end. One that stops our own code fails alone.

        Raises:
            StoreUnavailableError: MongoDB is away; what was not settled comes again.
        """
        events = await self._store.shop(shop.domain).events.due(limit=_EVENTS_AT_ONCE)
        if not events:
            return 0
        try:
            await self._apply(shop, events, client, changes)
        except (StoreUnavailableError, RunStoppedError):
            raise
        except Exception:
            log.exception("webhook.crashed", shop=shop.domain, events=len(events))
            for event in events:
                await self._apply_alone(shop, event, client, changes)
        return len(events)

    async def refuse_due(self, shop: ShopDomain) -> None:
        """Let the due events of a shop fail that was never connected, or was purged.

        What is asked about people's data is noted nevertheless.
        """
        events = self._store.shop(shop).events
        while due := await events.due(limit=_EVENTS_AT_ONCE):
            await events.settle([await self._refusal(event) for event in due])

    async def _refusal(self, event: WebhookEvent) -> EventOutcome:
        status, note = WebhookEventStatus.FAILED, "the shop is not connected"
        if event.topic in PRIVACY_TOPICS:
            try:
                told = read_event(event, "")
            except UnreadableEventError as error:
                note = str(error)
            else:
                if isinstance(told.tiding, PrivacyAsked):
                    await self._affairs.note_request(event.shop, event.id, told.tiding)
                status, note = WebhookEventStatus.PROCESSED, "nothing is stored of the shop"
        return EventOutcome(event_id=event.id, status=status, note=note)

    async def _apply(
        self,
        shop: Shop,
        events: Sequence[WebhookEvent],
        client: ShopifyClient,
        changes: ShopChanges,
    ) -> None:
        by_id = {event.id: event for event in events}
        tidings, outcomes = _read(events, shop)
        standing: Shop | None = shop
        for told in tidings:
            if isinstance(told.tiding, ShopTold | PrivacyAsked | OperationOver):
                outcomes.append(await self._attend(shop, told, by_id[told.event_id], client))
                standing = await self._store.shops.get(shop.domain)
        if standing is None or standing.status is ShopStatus.UNINSTALLED:
            outcomes += _all(
                {each.event_id for each in tidings} - {each.event_id for each in outcomes},
                WebhookEventStatus.PROCESSED,
                note="the app is not installed any more",
            )
            tidings = []
        await self._store.shop(shop.domain).events.settle(outcomes)
        writer = NewsWriter(
            shop,
            client,
            changes,
            patience_seconds=self._patience_seconds,
            clock=self._clock,
        )
        for resource, news in coalesce(tidings).items():
            await writer.write_whole(resource, news)
            try:
                await writer.write_open(resource, news)
            except (StoreUnavailableError, RunStoppedError):
                raise
            except SyncError as error:
                log.warning(
                    "webhook.put_off", shop=shop.domain, resource=resource, reason=str(error)
                )
                put_off = [_unsettled(by_id[each], error) for each in news.waiting_events()]
                await self._store.shop(shop.domain).events.settle(put_off)

    async def _apply_alone(
        self, shop: Shop, event: WebhookEvent, client: ShopifyClient, changes: ShopChanges
    ) -> None:
        """Apply one of several events that could not be applied together; it may be the cause."""
        try:
            await self._apply(shop, [event], client, changes)
        except (StoreUnavailableError, RunStoppedError):
            raise
        except Exception as error:
            log.exception("webhook.failed", shop=shop.domain, event_id=event.id, topic=event.topic)
            is_known = isinstance(error, SyncError)
            note = str(error) if is_known else "echosignal failed on it; the log has the details"
            failed = _all([event.id], WebhookEventStatus.FAILED, note=note)
            await self._store.shop(shop.domain).events.settle(failed)

    async def _attend(
        self, shop: Shop, told: Told, event: WebhookEvent, client: ShopifyClient
    ) -> EventOutcome:
        try:
            note = await self._affairs.attend(shop, told, client)
        except SyncError as error:
            return _unsettled(event, error)
        return EventOutcome(event_id=told.event_id, status=WebhookEventStatus.PROCESSED, note=note)


def _read(events: Sequence[WebhookEvent], shop: Shop) -> tuple[list[Told], list[EventOutcome]]:
    """Return what the events tell, and what became of those that tell nothing."""
    tidings: list[Told] = []
    outcomes: list[EventOutcome] = []
    for event in events:
        try:
            told = read_event(event, shop.profile.currency_code)
        except UnreadableEventError as error:
            outcomes.append(
                EventOutcome(event_id=event.id, status=WebhookEventStatus.FAILED, note=str(error))
            )
            continue
        if isinstance(told.tiding, NothingToDo):
            outcomes.append(
                EventOutcome(
                    event_id=event.id,
                    status=WebhookEventStatus.PROCESSED,
                    note=told.tiding.note,
                )
            )
        else:
            tidings.append(told)
    return tidings, outcomes


def _unsettled(event: WebhookEvent, error: SyncError) -> EventOutcome:
    """Put an event off where that may help, else let it fail."""
    attempts = event.attempts + 1
    if not isinstance(error, RetryableError) or attempts >= _ATTEMPTS:
        return EventOutcome(event_id=event.id, status=WebhookEventStatus.FAILED, note=str(error))
    pause = min(_FIRST_RETRY_SECONDS * 2**event.attempts, _LAST_RETRY_SECONDS)
    return EventOutcome(
        event_id=event.id,
        status=WebhookEventStatus.RECEIVED,
        note=str(error),
        retry_in_seconds=max(pause, error.retry_after_seconds or 0.0),
    )


def _all(
    event_ids: Iterable[str], status: WebhookEventStatus, note: str | None = None
) -> list[EventOutcome]:
    return [EventOutcome(event_id=each, status=status, note=note) for each in sorted(event_ids)]
