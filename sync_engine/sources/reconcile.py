"""Compares what is stored with what Shopify has, by ids alone, and brings only the differences.

Page by page of ids, in their order: what Shopify has and we lack, or have older, is read; what we
have and Shopify does not is asked for once more, each by its id, and only then given up. Nothing is
concluded from what was not read, nor from what the token may not see.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, KeysView
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
import structlog

from sync_engine.model.access_scopes import READ_ALL_ORDERS, covers
from sync_engine.model.batch import Batch
from sync_engine.model.clock import Clock
from sync_engine.model.errors import ShopifyUnavailableError
from sync_engine.model.run import Checkpoint
from sync_engine.model.sync_enums import Resource, SyncStrategy
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.counts import count_records
from sync_engine.shopify.pages.by_id import read_by_id
from sync_engine.shopify.pages.heads import missing_ids, read_heads
from sync_engine.sources.chosen import RoadJournal
from sync_engine.sources.source import Journal

_MAX_ID = 2**63 - 1
_SHOWN_ORDERS = timedelta(days=59)
"""Source: shopify.dev, "Access scopes": 60 days of orders without read_all_orders."""

AskScopes = Callable[[], Awaitable[Collection[str]]]
"""Asks Shopify which scopes the token has."""

log = structlog.get_logger(__name__)


class StageNotes(Journal, RoadJournal, Protocol):
    """All that this source notes."""


class KnownRecords(Protocol):
    """What is stored of a resource."""

    async def versions(
        self, *, after: int, until: int, created_from: datetime | None = None
    ) -> dict[int, datetime]:
        """Return the ids in (after, until] with the last change that is stored of each."""


class References(Protocol):
    """What orders refer to."""

    async def doubt(self) -> None:
        """Mark orders that refer to what is not there as outdated, so that they are read anew."""


class ReconcileCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How far the comparison is: everything up to this id is settled."""

    began_at: datetime
    conditions: str = ""
    after_id: int = 0
    is_finished: bool = False

    def dump(self) -> Checkpoint:
        """Return the plain values that a run stores."""
        plain: dict[str, Any] = msgspec.to_builtins(self, builtin_types=(datetime,))
        return plain


class ReconcileSource:
    """One resource of one shop, compared."""

    strategy = SyncStrategy.GRAPHQL

    def __init__(
        self,
        resource: Resource,
        *,
        client: ShopifyClient,
        known: KnownRecords,
        references: References,
        journal: StageNotes,
        clock: Clock,
        checkpoint: Checkpoint | None,
        currency_code: str,
        ask_scopes: AskScopes,
    ) -> None:
        """Go on from the checkpoint, or begin where there is none.

        Without the scope ``read_all_orders`` Shopify shows the orders of the last 60 days only, and
        older ones are left alone. Shopify itself is asked for it: of a lost scope nobody may have
        told us.
        """
        self._resource = resource
        self._client = client
        self._known = known
        self._references = references
        self._journal = journal
        self._clock = clock
        self._state = (
            None if checkpoint is None else msgspec.convert(checkpoint, ReconcileCheckpoint)
        )
        self._currency = currency_code
        self._ask_scopes = ask_scopes
        self._is_partly_hidden = False

    @property
    def synced_through(self) -> datetime:
        """When the comparison began, by our clock."""
        return self._begun().began_at

    async def prepare(self) -> None:
        """Count the records and note when the comparison began."""
        if self._resource is Resource.ORDERS:
            await self._hides_old_orders()
        if self._state is not None:
            return
        began_at = self._clock.now()
        counted = await count_records(self._client, self._resource)
        self._state = ReconcileCheckpoint(began_at=began_at, conditions=counted.conditions)
        await self._journal.take_road(self.strategy, ())
        await self._journal.save(self._state.dump(), counted.count)

    async def batches(self) -> AsyncGenerator[Batch]:
        """Yield the differences of each page of ids, which may be none."""
        if self._resource is Resource.ORDERS:
            await self._references.doubt()
        while not (state := self._begun()).is_finished:
            looked_at = self._clock.now()
            page = await read_heads(
                self._client,
                self._resource,
                after_id=state.after_id,
                conditions=state.conditions,
            )
            if page.has_more and not page.updated_at:
                message = f"the {self._resource.lower()} go on, but none come"
                raise ShopifyUnavailableError(message)
            until = page.last_id if page.has_more else _MAX_ID
            stored = await self._known.versions(after=state.after_id, until=until)
            wanted = [
                number
                for number, updated_at in page.updated_at.items()
                if number not in stored or stored[number] < updated_at
            ]
            withheld: set[str] = set()
            read = await read_by_id(
                self._client, self._resource, wanted, self._currency, withheld=withheld
            )
            gone = await self._gone(state, page.updated_at, stored, until)
            self._state = msgspec.structs.replace(
                state, after_id=page.last_id or state.after_id, is_finished=not page.has_more
            )
            yield Batch(
                records=read.records,
                loose_children=(),
                rejects=read.rejects,
                observed_at=looked_at,
                checkpoint=self._state.dump(),
                vanished_count=read.vanished_count,
                reread=True,
                unchanged_count=len(page.updated_at) - len(wanted),
                deleted=gone,
                withheld=frozenset(withheld),
            )

    async def abandon(self) -> None:
        """Nothing is under way at Shopify between two pages."""

    async def _gone(
        self,
        state: ReconcileCheckpoint,
        heads: dict[int, datetime],
        stored: dict[int, datetime],
        until: int,
    ) -> tuple[int, ...]:
        suspects = stored.keys() - heads.keys()
        if suspects and self._is_partly_hidden:
            suspects &= await self._shown(state, until)
        missing = await missing_ids(self._client, self._resource, suspects)
        if missing and self._resource is Resource.ORDERS:
            shown = await self._shown(state, until)
            if missing - shown and await self._hides_old_orders():  # may have gone since it began
                missing &= shown
        return tuple(sorted(missing))

    async def _shown(self, state: ReconcileCheckpoint, until: int) -> KeysView[int]:
        """Return the stored orders that Shopify shows without ``read_all_orders`` too."""
        shown_from = self._clock.now() - _SHOWN_ORDERS
        return (
            await self._known.versions(after=state.after_id, until=until, created_from=shown_from)
        ).keys()

    async def _hides_old_orders(self) -> bool:
        """Ask Shopify whether the token sees recent orders only."""
        self._is_partly_hidden = not covers(await self._ask_scopes(), READ_ALL_ORDERS)
        if self._is_partly_hidden:
            log.warning("reconcile.old_orders_hidden", shop=self._client.shop)
        return self._is_partly_hidden

    def _begun(self) -> ReconcileCheckpoint:
        if self._state is None:
            message = "prepare the source before reading it"
            raise RuntimeError(message)
        return self._state
