"""Reads a resource by pages of GraphQL: by id when everything is read, by change otherwise.

Shopify limits how deep a list can be paged through. So after some thousand records a new list is
begun behind the last record, and nothing ever depends on how long a list may be.
"""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta

import msgspec

from sync_engine.model.batch import Batch
from sync_engine.model.clock import Clock
from sync_engine.model.gid import gid_number
from sync_engine.model.sync_enums import Resource, SyncStrategy
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.counts import RecordCount, count_records
from sync_engine.shopify.pages.node_format import node_format
from sync_engine.shopify.pages.record_list import ListPage, NodeHead, RecordList, SortKey
from sync_engine.shopify.pages.whole_records import whole_records
from sync_engine.shopify.search import all_of, id_after, updated_since
from sync_engine.shopify.unreadable import UNMAPPABLE
from sync_engine.sources.page_checkpoint import PageCheckpoint
from sync_engine.sources.source import Journal

_SLICE_RECORDS = 20_000
"""Source: shopify.dev, "Shopify API limits": 25,000 objects of a list."""

# A search for changes of customers takes whole days, whatever time of day it is given.
# Source: Admin API, QueryRoot.customers, in every version up to 2026-10.
_GRAIN = {
    Resource.CUSTOMERS: timedelta(days=1),
    Resource.PRODUCTS: timedelta(seconds=1),
    Resource.ORDERS: timedelta(seconds=1),
}


class PageSource:
    """One resource of one shop, by pages of GraphQL."""

    strategy = SyncStrategy.GRAPHQL

    def __init__(
        self,
        resource: Resource,
        *,
        client: ShopifyClient,
        journal: Journal,
        clock: Clock,
        checkpoint: PageCheckpoint | None,
        currency_code: str,
        batch_records: int,
        since: datetime | None = None,
        counted: RecordCount | None = None,
        slice_records: int = _SLICE_RECORDS,
    ) -> None:
        """Go on from the checkpoint, or begin where there is none.

        Args:
            resource: what to read.
            client: of the shop.
            journal: where to note the beginning.
            clock: tells when the read begins.
            checkpoint: where to go on from; what it says of ``since`` holds.
            currency_code: the shop's.
            batch_records: the most records in a batch.
            since: read only what was changed from then on.
            counted: how many records there are, where that is known.
            slice_records: after how many records a new list is begun.
        """
        self._resource = resource
        self._client = client
        self._journal = journal
        self._clock = clock
        self._state = checkpoint
        self._currency = currency_code
        self._since = since
        self._counted = counted
        self._slice_records = slice_records
        self._form = node_format(resource)
        self._list = RecordList(client, resource, batch_records)

    @property
    def synced_through(self) -> datetime:
        """When the read began, by our clock: incremental reads overlap by more than it may err."""
        return self._begun().began_at

    async def prepare(self) -> None:
        """Count the records and note when the read began."""
        if self._state is not None:
            return
        began_at = self._clock.now()
        counted = self._counted or await count_records(self._client, self._resource, self._since)
        self._state = PageCheckpoint(
            began_at=began_at,
            conditions=counted.conditions,
            since=self._since,
            from_at=self._since,
        )
        await self._journal.save(self._state.dump(), counted.count)

    async def batches(self) -> AsyncGenerator[Batch]:
        """Yield a batch for each page."""
        while not (state := self._begun()).is_finished:
            looked_at = self._clock.now()
            page = await self._list.read(_search(state), _sort_key(state), state.cursor)
            self._state = self._after(state, page)
            fresh = _unless_older(page.nodes, state.from_at)
            read = await whole_records(self._client, self._form, fresh, self._currency)
            yield Batch(
                records=read.records,
                loose_children=(),
                rejects=read.rejects,
                observed_at=looked_at,
                checkpoint=self._state.dump(),
                vanished_count=read.vanished_count,
                withheld=page.withheld,
            )

    async def abandon(self) -> None:
        """Nothing is under way at Shopify between two pages."""

    def _after(self, state: PageCheckpoint, page: ListPage) -> PageCheckpoint:
        """Return where the read stands after the page."""
        last = _last_head(page.nodes)
        state = msgspec.structs.replace(
            state,
            cursor=page.next_cursor,
            slice_records=state.slice_records + len(page.nodes),
            last_id=state.last_id if last is None else gid_number(last.id),
            last_at=state.last_at if last is None else last.updated_at,
            is_finished=page.next_cursor is None,
        )
        if state.is_finished or state.slice_records < self._slice_records:
            return state
        return self._next_slice(state)

    def _next_slice(self, state: PageCheckpoint) -> PageCheckpoint:
        """Begin a new list behind the last record; the same state where it would be the same list.

        A slice of changes begins with the second, or the day, in which the last one ended: of that
        some are read again, and never is one left out.
        """
        if state.since is None:
            if state.last_id <= state.after_id:
                return state
            return msgspec.structs.replace(
                state, after_id=state.last_id, cursor=None, slice_records=0
            )
        if state.from_at is None or state.last_at is None:
            return state
        if state.last_at - state.from_at < _GRAIN[self._resource]:
            return state
        return msgspec.structs.replace(state, from_at=state.last_at, cursor=None, slice_records=0)

    def _begun(self) -> PageCheckpoint:
        if self._state is None:
            message = "prepare the source before reading it"
            raise RuntimeError(message)
        return self._state


def _search(state: PageCheckpoint) -> str:
    return all_of(
        state.conditions,
        None if state.from_at is None else updated_since(state.from_at),
        id_after(state.after_id) if state.after_id else None,
    )


def _sort_key(state: PageCheckpoint) -> SortKey:
    """Sorted by another field than the one that is searched, long lists time out."""
    return SortKey.ID if state.since is None else SortKey.UPDATED_AT


def _unless_older(nodes: Sequence[msgspec.Raw], from_at: datetime | None) -> Sequence[msgspec.Raw]:
    """Leave out what was changed before the slice begins; what cannot be read stays in."""
    if from_at is None:
        return nodes
    begin = from_at.replace(microsecond=0)
    heads = [(node, _head(node)) for node in nodes]
    return [node for node, head in heads if head is None or head.updated_at >= begin]


def _last_head(nodes: Sequence[msgspec.Raw]) -> NodeHead | None:
    """Return the last node's id and time; those of one before it where it cannot be read."""
    return next((head for node in reversed(nodes) if (head := _head(node)) is not None), None)


def _head(node: msgspec.Raw) -> NodeHead | None:
    try:
        head = msgspec.json.decode(node, type=NodeHead)
        gid_number(head.id)
    except UNMAPPABLE:
        return None
    return head
