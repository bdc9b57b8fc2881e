"""Applies the due webhooks of one shop: each once in effect, whatever order they came in."""

from collections.abc import Iterable, Sequence

import structlog

from sync_engine.inbox.coalesce import ResourceNews, coalesce
from sync_engine.inbox.read_event import UnreadableEventError, read_event
from sync_engine.inbox.shop_affairs import ShopAffairs
from sync_engine.inbox.tidings import NothingToDo, PrivacyAsked, ShopTold, Told
from sync_engine.model.batch import Batch
from sync_engine.model.clock import Clock
from sync_engine.model.errors import RetryableError, SyncError
from sync_engine.model.shop import Shop
from sync_engine.model.shop_change import Merger, ShopChange
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, ShopStatus
from sync_engine.model.webhook_event import EventOutcome, WebhookEvent, WebhookEventStatus
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.completion import complete_records
from sync_engine.shopify.pages.by_id import read_by_id
from sync_engine.store.records.shop_changes import ShopChanges
from sync_engine.store.store import Store

_EVENTS_AT_ONCE = 250
_ATTEMPTS = 8
_FIRST_RETRY_SECONDS = 2.0
_LAST_RETRY_SECONDS = 900.0

log = structlog.get_logger(__name__)


class EventApplier:
    """Works on one shop at a time for each call; holds nothing between calls."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Take the open store."""
        self._store = store
        self._affairs = ShopAffairs(store, clock)
        self._clock = clock

    async def apply_due(self, shop: Shop, client: ShopifyClient) -> int:
        """Apply the shop's due events, some of them if they are many; returns how many.

        An event that cannot be applied now is put off, later with every attempt, and fails for
        good after eight.

        Raises:
            StoreUnavailableError: MongoDB is away; what was not settled comes again.
        """
        events = await self._store.shop(shop.domain).events.due(limit=_EVENTS_AT_ONCE)
        if not events:
            return 0
        by_id = {event.id: event for event in events}
        tidings, outcomes = _read(events, shop)
        for told in tidings:
            if isinstance(told.tiding, ShopTold | PrivacyAsked):
                outcomes.append(await self._attend(shop, told, by_id[told.event_id], client))
        if shop.status is ShopStatus.UNINSTALLED:
            outcomes += _all(
                {each.event_id for each in tidings} - {each.event_id for each in outcomes},
                WebhookEventStatus.PROCESSED,
                note="the app is not installed any more",
            )
            tidings = []
        await self._store.shop(shop.domain).events.settle(outcomes)
        async with self._store.changes(shop.domain) as changes:
            for resource, news in coalesce(tidings).items():
                await self._write(shop, resource, news, by_id=by_id, client=client, changes=changes)
        return len(events)

    async def refuse_due(self, shop: ShopDomain) -> None:
        """Let the due events of a shop fail that was never connected, or was purged."""
        events = self._store.shop(shop).events
        while due := await events.due(limit=_EVENTS_AT_ONCE):
            ids = {each.id for each in due}
            note = "the shop is not connected"
            await events.settle(_all(ids, WebhookEventStatus.FAILED, note=note))

    async def _attend(
        self, shop: Shop, told: Told, event: WebhookEvent, client: ShopifyClient
    ) -> EventOutcome:
        try:
            note = await self._affairs.attend(shop, told, client)
        except SyncError as error:
            return _unsettled(event, error)
        return EventOutcome(event_id=told.event_id, status=WebhookEventStatus.PROCESSED, note=note)

    async def _write(
        self,
        shop: Shop,
        resource: Resource,
        news: ResourceNews,
        *,
        by_id: dict[str, WebhookEvent],
        client: ShopifyClient,
        changes: ShopChanges,
    ) -> None:
        try:
            batch = await self._batch(shop, resource, news, client)
        except SyncError as error:
            log.warning("webhook.put_off", shop=shop.domain, resource=resource, reason=str(error))
            outcomes = [_unsettled(by_id[each], error) for each in sorted(news.settled)]
            await self._store.shop(shop.domain).events.settle(outcomes)
            return
        change = ShopChange(
            resource=resource,
            batch=batch,
            outcomes=(
                *_all(news.settled, WebhookEventStatus.PROCESSED),
                *_all(news.superseded, WebhookEventStatus.SUPERSEDED),
            ),
            mergers=tuple(Merger(kept=each.kept, removed=each.removed) for each in news.merged),
        )
        await changes.write(change, now=self._clock.now())

    async def _batch(
        self, shop: Shop, resource: Resource, news: ResourceNews, client: ShopifyClient
    ) -> Batch:
        """Return everything that is to be written, with nothing left open."""
        currency, looked_at = shop.profile.currency_code, self._clock.now()
        mapped = [word.mapped for word in news.words.values()]
        told = await complete_records(client, resource, mapped, currency)
        read = await read_by_id(client, resource, sorted(news.touched), currency)
        whole = {number for number, word in news.words.items() if not word.mapped.lacks}
        return Batch(
            records=(*told.records, *read.records),
            loose_children=(),
            rejects=(*told.rejects, *read.rejects),
            observed_at=looked_at,
            observed_each={number: news.words[number].at for number in whole} | news.gone,
            checkpoint={},
            deleted=tuple(sorted(news.gone)),
        )


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
