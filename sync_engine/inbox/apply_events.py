"""Applies the due webhooks of one shop: each once in effect, whatever order they came in."""

import re
from collections.abc import Iterable, Mapping, Sequence

import structlog

from sync_engine.inbox.coalesce import coalesce
from sync_engine.inbox.patience import PATIENCE_SECONDS
from sync_engine.inbox.read_event import PRIVACY_TOPICS, UnreadableEventError, read_event
from sync_engine.inbox.settling import Settling
from sync_engine.inbox.shop_affairs import ShopAffairs
from sync_engine.inbox.tidings import NothingToDo, PrivacyAsked, ShopTold, Told
from sync_engine.inbox.write_news import NewsWriter
from sync_engine.model.clock import Clock
from sync_engine.model.errors import (
    RetryableError,
    RunStoppedError,
    StoreUnavailableError,
    SyncError,
)
from sync_engine.model.ids import new_id
from sync_engine.model.log_scope import log_scope
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import ShopStatus
from sync_engine.model.telemetry import SILENT, Telemetry
from sync_engine.model.webhook_event import EventOutcome, WebhookEvent, WebhookEventStatus
from sync_engine.privacy.eraser import Eraser
from sync_engine.shopify.client import ShopifyClient
from sync_engine.store.store import Store

_EVENTS_AT_ONCE = 250
_OUR_FAULT = "echosignal failed on it; the log has the details"
_NUMBER = re.compile(rb"(?<!\d)\d{1,19}(?!\d)")
_ATTEMPTS = 14  # an outage of an hour passes before an event is given up
_FIRST_RETRY_SECONDS = 2.0
_LAST_RETRY_SECONDS = 900.0

log = structlog.get_logger(__name__)


class EventApplier:
    """Works on one shop at a time for each call; holds nothing between calls."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        erasers: Sequence[Eraser] = (),
        telemetry: Telemetry = SILENT,
    ) -> None:
        """Take the open store, how long to wait for Shopify, and what else holds shops' data."""
        self._store = store
        self._affairs = ShopAffairs(
            store, patience_seconds=patience_seconds, clock=clock, erasers=erasers
        )
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._telemetry = telemetry

    async def apply_due(self, shop: Shop, client: ShopifyClient) -> int:
        """Apply the shop's due events, some of them if they are many; returns how many.

        An event that cannot be applied now is put off, later with every attempt, and fails for
        good in the end. One that stops our own code fails alone.

        Raises:
            StoreUnavailableError: MongoDB is away; what was not settled comes again.
        """
        events = await self._store.shop(shop.domain).events.due(limit=_EVENTS_AT_ONCE)
        if not events:
            return 0
        with (
            log_scope(shop=shop.domain, batch_id=new_id(self._clock.now())),
            self._telemetry.span("webhooks", shop=shop.domain, events=len(events)),
        ):
            await self._apply_batch(shop, events, client)
        return len(events)

    async def _apply_batch(
        self, shop: Shop, events: Sequence[WebhookEvent], client: ShopifyClient
    ) -> None:
        began = self._clock.monotonic_seconds()
        settling = self._settling(shop.domain, events)
        try:
            await self._apply(shop, events, client, settling)
        except (StoreUnavailableError, RunStoppedError):
            raise
        except Exception:
            log.exception("webhook.crashed", events=len(events))
            for event in events:
                await self._apply_alone(shop, event, client, settling)
        seconds = self._clock.monotonic_seconds() - began
        log.info(
            "webhooks.applied", events=len(events), seconds=round(seconds, 3), **settling.counts
        )

    def _settling(self, shop: ShopDomain, events: Sequence[WebhookEvent]) -> Settling:
        repository = self._store.shop(shop).events
        return Settling(repository, events, telemetry=self._telemetry, clock=self._clock)

    async def refuse_due(self, shop: ShopDomain) -> None:
        """Let the due events of a shop fail that was never connected, or was purged.

        What is asked about people's data is done nevertheless. What they say is not kept.
        """
        events = self._store.shop(shop).events
        while due := await events.due(limit=_EVENTS_AT_ONCE):
            refusals = [await self._refusal(event) for event in due]
            await self._settling(shop, due).settle(refusals)

    async def _refusal(self, event: WebhookEvent) -> EventOutcome:
        status, note = WebhookEventStatus.FAILED, "the shop is not connected"
        if event.topic in PRIVACY_TOPICS:
            try:
                told = read_event(event, "")
                if isinstance(told.tiding, PrivacyAsked):
                    note = await self._affairs.attend_stranger(event.shop, told, told.tiding)
                    status = WebhookEventStatus.PROCESSED
            except UnreadableEventError as error:
                note = str(error)
            except SyncError as error:
                return _unsettled(event, error)
        return EventOutcome(event_id=event.id, status=status, note=note, forgets_payload=True)

    async def _apply(
        self,
        shop: Shop,
        events: Sequence[WebhookEvent],
        client: ShopifyClient,
        settling: Settling,
    ) -> None:
        by_id = {event.id: event for event in events}
        tidings, outcomes = _read(events, shop)
        standing: Shop | None = shop
        about_people = [told for told in tidings if _is_about_a_person(told)]
        for told in about_people:
            await self._affairs.note_request(shop.domain, told)
        for told in tidings:
            if isinstance(told.tiding, ShopTold | PrivacyAsked) and told not in about_people:
                outcomes.append(await self._attend(shop, told, by_id[told.event_id], client))
                standing = await self._store.shops.get(shop.domain)
        if standing is None or standing.status is ShopStatus.UNINSTALLED:
            waiting = {each.event_id for each in tidings if each not in about_people}
            outcomes += _all(
                waiting - {each.event_id for each in outcomes},
                WebhookEventStatus.PROCESSED,
                note="the app is not installed any more",
            )
            tidings = []
        await settling.settle(outcomes)
        await self._write(shop, tidings, by_id, client, settling)
        if standing is not None:
            await self._attend_people(shop, about_people, by_id, client, settling)

    async def _write(
        self,
        shop: Shop,
        tidings: Sequence[Told],
        by_id: Mapping[str, WebhookEvent],
        client: ShopifyClient,
        settling: Settling,
    ) -> None:
        async with self._store.changes(shop.domain) as changes:
            writer = NewsWriter(
                shop,
                client,
                changes,
                patience_seconds=self._patience_seconds,
                clock=self._clock,
            )
            for resource, news in coalesce(tidings).items():
                settling.tell(await writer.write_whole(resource, news))
                try:
                    settling.tell(await writer.write_open(resource, news))
                except (StoreUnavailableError, RunStoppedError):
                    raise
                except SyncError as error:
                    log.warning("webhook.put_off", resource=resource, reason=str(error))
                    put_off = [_unsettled(by_id[each], error) for each in news.waiting_events()]
                    await settling.settle(put_off)

    async def _attend_people(
        self,
        shop: Shop,
        asked: Sequence[Told],
        by_id: Mapping[str, WebhookEvent],
        client: ShopifyClient,
        settling: Settling,
    ) -> None:
        """Do what people ask for, when what else was told is written.

        Payloads that came late and still tell of somebody who is erased are emptied.
        """
        mine = self._store.shop(shop.domain)
        for told in asked:
            outcome = await self._attend(shop, told, by_id[told.event_id], client)
            await settling.settle([outcome])
        erased = await mine.erased_customers.numbers()
        if erased:
            late = [each.id for each in by_id.values() if not erased.isdisjoint(_numbers_in(each))]
            await mine.events.forget_payloads(late)

    async def _apply_alone(
        self, shop: Shop, event: WebhookEvent, client: ShopifyClient, settling: Settling
    ) -> None:
        """Apply one of several events that could not be applied together; it may be the cause."""
        try:
            await self._apply(shop, [event], client, settling)
        except (StoreUnavailableError, RunStoppedError):
            raise
        except Exception as error:
            log.exception("webhook.failed", event_id=event.id, topic=event.topic)
            if event.topic in PRIVACY_TOPICS:
                await settling.settle([_put_off(event, _OUR_FAULT)])
                return
            is_known = isinstance(error, SyncError)
            note = str(error) if is_known else _OUR_FAULT
            failed = _all([event.id], WebhookEventStatus.FAILED, note=note)
            await settling.settle(failed)

    async def _attend(
        self, shop: Shop, told: Told, event: WebhookEvent, client: ShopifyClient
    ) -> EventOutcome:
        try:
            note = await self._affairs.attend(shop, told, client)
        except SyncError as error:
            return _unsettled(event, error)
        return EventOutcome(
            event_id=told.event_id,
            status=WebhookEventStatus.PROCESSED,
            note=note,
            forgets_payload=event.topic == "customers/redact",
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


def _is_about_a_person(told: Told) -> bool:
    return isinstance(told.tiding, PrivacyAsked) and told.tiding.topic != "shop/redact"


def _numbers_in(event: WebhookEvent) -> set[int]:
    return {int(digits) for digits in _NUMBER.findall(event.body)}


def _unsettled(event: WebhookEvent, error: SyncError) -> EventOutcome:
    """Put an event off where that may help, else let it fail.

    What is asked about people's data is never given up as long as it may help.
    """
    is_tried_enough = event.attempts + 1 >= _ATTEMPTS and event.topic not in PRIVACY_TOPICS
    if not isinstance(error, RetryableError) or is_tried_enough:
        return EventOutcome(event_id=event.id, status=WebhookEventStatus.FAILED, note=str(error))
    return _put_off(event, str(error), at_least_seconds=error.retry_after_seconds or 0.0)


def _put_off(event: WebhookEvent, note: str, *, at_least_seconds: float = 0.0) -> EventOutcome:
    longest = _LAST_RETRY_SECONDS / _FIRST_RETRY_SECONDS
    pause = _FIRST_RETRY_SECONDS * min(2 ** min(event.attempts, _ATTEMPTS), longest)
    return EventOutcome(
        event_id=event.id,
        status=WebhookEventStatus.RECEIVED,
        note=note,
        retry_in_seconds=max(pause, at_least_seconds),
    )


def _all(
    event_ids: Iterable[str], status: WebhookEventStatus, note: str | None = None
) -> list[EventOutcome]:
    return [EventOutcome(event_id=each, status=status, note=note) for each in sorted(event_ids)]
