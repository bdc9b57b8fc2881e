"""Makes the sources of one run: whatever the strategy, they share its clients and its options."""

from datetime import datetime
from typing import Protocol

import msgspec

from sync_engine.model.clock import Clock
from sync_engine.model.run import Checkpoint, Stage
from sync_engine.model.sync_enums import SyncStrategy
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.counts import RecordCount
from sync_engine.shopify.rest.client import RestClient
from sync_engine.sources.bulk import BulkSource
from sync_engine.sources.bulk_checkpoint import load_bulk_checkpoint
from sync_engine.sources.chosen import ChosenSource, RoadJournal, Wishes
from sync_engine.sources.operation_follower import BulkPatience
from sync_engine.sources.operation_news import OperationNews
from sync_engine.sources.page_checkpoint import load_page_checkpoint
from sync_engine.sources.pages import PageSource
from sync_engine.sources.rest_checkpoint import load_rest_checkpoint
from sync_engine.sources.since_id import SinceIdSource
from sync_engine.sources.source import Journal, Source


class StageNotes(Journal, RoadJournal, Protocol):
    """All that the sources of a stage note."""


class Roads(msgspec.Struct, frozen=True, kw_only=True):
    """What the sources of a run share; ``asked`` and the rest as in ``Situation``."""

    client: ShopifyClient
    rest: RestClient
    clock: Clock
    currency_code: str
    batch_records: int
    patience: BulkPatience
    news: OperationNews
    asked: SyncStrategy | None
    preferred: SyncStrategy | None
    few_records: int

    def source(self, stage: Stage, journal: StageNotes, since: datetime | None) -> ChosenSource:
        """Return the source of a stage, which reads all, or only what was changed since."""

        def make(
            strategy: SyncStrategy, checkpoint: Checkpoint | None, counted: RecordCount | None
        ) -> Source:
            match strategy:
                case SyncStrategy.BULK:
                    return BulkSource(
                        stage.resource,
                        client=self.client,
                        journal=journal,
                        clock=self.clock,
                        checkpoint=load_bulk_checkpoint(checkpoint),
                        currency_code=self.currency_code,
                        batch_records=self.batch_records,
                        patience=self.patience,
                        news=self.news,
                        since=since,
                        counted=counted,
                    )
                case SyncStrategy.GRAPHQL:
                    return PageSource(
                        stage.resource,
                        client=self.client,
                        journal=journal,
                        clock=self.clock,
                        checkpoint=load_page_checkpoint(checkpoint),
                        currency_code=self.currency_code,
                        batch_records=self.batch_records,
                        since=since,
                        counted=counted,
                    )
                case SyncStrategy.REST:
                    return SinceIdSource(
                        stage.resource,
                        rest=self.rest,
                        client=self.client,
                        journal=journal,
                        clock=self.clock,
                        checkpoint=load_rest_checkpoint(checkpoint),
                        currency_code=self.currency_code,
                        batch_records=self.batch_records,
                        since=since,
                    )

        wishes = Wishes(
            asked=self.asked, preferred=self.preferred, few_records=self.few_records, since=since
        )
        return ChosenSource(
            stage, wishes, make, client=self.client, journal=journal, clock=self.clock
        )
