"""Reads a resource over the road that is open, and changes to another where it turns out shut."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

from sync_engine.model.batch import Batch
from sync_engine.model.clock import Clock
from sync_engine.model.errors import SyncError
from sync_engine.model.run import Checkpoint, Stage, StrategyFallback
from sync_engine.model.sync_enums import Resource, SyncStrategy
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.counts import RecordCount, count_records
from sync_engine.sources.choose import (
    Choice,
    ChoiceReason,
    Situation,
    choose,
    needs_count,
    reason_to_give_up,
)
from sync_engine.sources.source import Source

log = structlog.get_logger(__name__)


class RoadJournal(Protocol):
    """Where it is noted which road is taken."""

    async def take_road(
        self, strategy: SyncStrategy, fallbacks: tuple[StrategyFallback, ...]
    ) -> None:
        """Note the strategy, and forget the checkpoint of the one before it.

        Raises:
            LeaseLostError: another worker holds the shop; stop.
        """


MakeSource = Callable[[SyncStrategy, Checkpoint | None, RecordCount | None], Source]
"""Makes the source of a strategy, from its checkpoint on or for so many records."""


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for of how a resource is read; see ``Situation``."""

    asked: SyncStrategy | None
    preferred: SyncStrategy | None
    few_records: int
    since: datetime | None


class ChosenSource:
    """One resource of one shop, by whatever strategy works."""

    def __init__(
        self,
        stage: Stage,
        wishes: Wishes,
        make: MakeSource,
        *,
        client: ShopifyClient,
        journal: RoadJournal,
        clock: Clock,
    ) -> None:
        """Go on with the stage's strategy and checkpoint, or choose where it has none."""
        self._resource: Resource = stage.resource
        self._wishes = wishes
        self._make = make
        self._client = client
        self._journal = journal
        self._clock = clock
        self._fallbacks = stage.fallbacks
        self._counted: RecordCount | None = None
        self._source: Source | None = None
        if stage.strategy is not None:
            self._source = make(stage.strategy, stage.checkpoint, None)

    @property
    def synced_through(self) -> datetime:
        """As of the source that read to the end."""
        return self._taken().synced_through

    async def prepare(self) -> None:
        """Choose a strategy where none is chosen, and prepare it or the next that can be."""
        if self._source is None:
            await self._begin()
        await self._prepare()

    async def batches(self) -> AsyncGenerator[Batch]:
        """Yield the records; those that a strategy brought before it was given up come again."""
        while True:
            try:
                async with aclosing(self._taken().batches()) as batches:
                    async for batch in batches:
                        yield batch
            except SyncError as error:
                await self._fall_back(error)
                await self._prepare()
            else:
                return

    async def abandon(self) -> None:
        """Cancel what the present source has under way."""
        if self._source is not None:
            await self._source.abandon()

    async def _begin(self) -> None:
        situation = self._situation()
        if needs_count(situation):
            since = self._wishes.since
            self._counted = await count_records(self._client, self._resource, since)
            situation = self._situation()
        choice = choose(situation)
        if choice is None:
            message = "there is no strategy at all"
            raise RuntimeError(message)
        await self._take(choice)

    async def _prepare(self) -> None:
        while True:
            try:
                await self._taken().prepare()
            except SyncError as error:
                await self._fall_back(error)
            else:
                return

    async def _fall_back(self, error: SyncError) -> None:
        """Take the next strategy.

        Raises:
            SyncError: the error itself, where no other strategy can help.
        """
        before = self._taken().strategy
        reason = reason_to_give_up(error)
        choice = None if reason is None else choose(self._situation(before, reason))
        if choice is None:
            raise error
        fallback = StrategyFallback(
            from_strategy=before,
            to_strategy=choice.strategy,
            reason=f"{choice.reason}: {error}",
            at=self._clock.now(),
        )
        log.warning(
            "stage.fell_back",
            shop=self._client.shop,
            resource=self._resource,
            before=before,
            after=choice.strategy,
            reason=fallback.reason,
        )
        self._fallbacks = (*self._fallbacks, fallback)
        await self._take(choice)

    async def _take(self, choice: Choice) -> None:
        await self._journal.take_road(choice.strategy, self._fallbacks)
        self._source = self._make(choice.strategy, None, self._counted)

    def _situation(
        self, shut: SyncStrategy | None = None, because: ChoiceReason | None = None
    ) -> Situation:
        given_up = {each.from_strategy for each in self._fallbacks}
        return Situation(
            asked=self._wishes.asked,
            preferred=self._wishes.preferred,
            record_count=None if self._counted is None else self._counted.count,
            few_records=self._wishes.few_records,
            given_up=frozenset(given_up if shut is None else given_up | {shut}),
            because=because,
        )

    def _taken(self) -> Source:
        if self._source is None:
            message = "prepare the source before reading it"
            raise RuntimeError(message)
        return self._source
