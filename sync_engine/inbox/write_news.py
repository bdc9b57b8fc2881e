"""Writes what webhooks tell: at once what is whole, and after asking Shopify what is not."""

from collections.abc import Collection

from sync_engine.inbox.coalesce import ResourceNews
from sync_engine.inbox.patience import within
from sync_engine.model.batch import Batch
from sync_engine.model.clock import Clock
from sync_engine.model.shop import Shop
from sync_engine.model.shop_change import Merger, ShopChange
from sync_engine.model.sync_enums import Resource
from sync_engine.model.webhook_event import EventOutcome, WebhookEventStatus
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.completion import complete_records
from sync_engine.shopify.mapping.rest_orders import STATUS_FIELDS
from sync_engine.shopify.pages.by_id import read_by_id
from sync_engine.shopify.pages.whole_records import ReadRecords
from sync_engine.store.records.shop_changes import ShopChanges


class NewsWriter:
    """Writes news of one shop, each together with what became of its events."""

    def __init__(
        self,
        shop: Shop,
        client: ShopifyClient,
        changes: ShopChanges,
        *,
        patience_seconds: float,
        clock: Clock,
    ) -> None:
        """Take the way to the shop's Shopify and to its records."""
        self._shop = shop
        self._client = client
        self._changes = changes
        self._patience_seconds = patience_seconds
        self._clock = clock

    async def write_whole(self, resource: Resource, news: ResourceNews) -> tuple[EventOutcome, ...]:
        """Write what needs nothing from Shopify; that it does not answer holds none of this up.

        Returns what became of the events.

        Raises:
            SyncError: nothing was written.
        """
        whole = news.words.keys() - news.open_numbers()
        if not whole and not news.gone:
            return ()
        batch = Batch(
            records=tuple(news.words[number].mapped.record for number in whole),
            loose_children=(),
            rejects=(),
            observed_at=self._clock.now(),
            observed_each={number: news.words[number].at for number in whole} | news.gone,
            checkpoint={},
            deleted=tuple(sorted(news.gone)),
        )
        change = ShopChange(
            resource=resource,
            batch=batch,
            outcomes=_settled(news, news.counting.keys() - news.waiting_numbers()),
            mergers=tuple(Merger(kept=each.kept, removed=each.removed) for each in news.merged),
        )
        await self._changes.write(change, now=self._clock.now())
        return change.outcomes

    async def write_open(self, resource: Resource, news: ResourceNews) -> tuple[EventOutcome, ...]:
        """Complete what is not whole, read what was only named, and write both.

        Where the rest is asked for alone, the version is as old as the event that told of it.

        Returns what became of the events.

        Raises:
            SyncError: Shopify cannot be asked, or nothing was written.
        """
        if not news.open_numbers():
            return ()
        looked_at = self._clock.now()
        told, read = await within(self._patience_seconds, self._ask(resource, news))
        batch = Batch(
            records=(*told.records, *read.records),
            loose_children=(),
            rejects=(*told.rejects, *read.rejects),
            observed_at=looked_at,
            observed_each={
                record.id: news.words[record.id].at
                for record in told.records
                if news.words[record.id].mapped.lacks <= STATUS_FIELDS
            },
            checkpoint={},
        )
        outcomes = _settled(news, news.waiting_numbers())
        change = ShopChange(resource=resource, batch=batch, outcomes=outcomes)
        await self._changes.write(change, now=self._clock.now())
        return change.outcomes

    async def _ask(self, resource: Resource, news: ResourceNews) -> tuple[ReadRecords, ReadRecords]:
        currency = self._shop.profile.currency_code
        lacking = [news.words[each].mapped for each in news.open_numbers() - news.touched]
        told = await complete_records(self._client, resource, lacking, currency)
        return told, await read_by_id(self._client, resource, sorted(news.touched), currency)


def _settled(news: ResourceNews, numbers: Collection[int]) -> tuple[EventOutcome, ...]:
    processed = [news.counting[each] for each in numbers if each in news.counting]
    superseded = [event for each in numbers for event in news.superseded.get(each, ())]
    return (
        *(
            EventOutcome(event_id=each, status=WebhookEventStatus.PROCESSED)
            for each in sorted(processed)
        ),
        *(
            EventOutcome(event_id=each, status=WebhookEventStatus.SUPERSEDED)
            for each in sorted(superseded)
        ),
    )
