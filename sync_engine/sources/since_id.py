"""Reads a resource over REST: behind the last id when everything is read, by change otherwise.

REST is the last road. What it has no words for is asked of GraphQL, so that its records are the
same as those of the other roads.
"""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

import msgspec

from sync_engine.model.batch import Batch, Reject
from sync_engine.model.clock import Clock
from sync_engine.model.errors import ShopifyUnavailableError
from sync_engine.model.records import Record
from sync_engine.model.sync_enums import Resource, SyncStrategy
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.completion import complete_records
from sync_engine.shopify.mapping.rest import Mapped
from sync_engine.shopify.rest.client import RestClient
from sync_engine.shopify.rest.record_pages import (
    MOST_RECORDS,
    RecordPage,
    RestRow,
    count_rest_records,
    params_after,
    params_changed,
    read_page,
    rest_format,
)
from sync_engine.shopify.unreadable import UNMAPPABLE, UNREADABLE, unreadable
from sync_engine.sources.rest_checkpoint import RestCheckpoint
from sync_engine.sources.source import Journal


class SinceIdSource:
    """One resource of one shop, over REST."""

    strategy = SyncStrategy.REST

    def __init__(
        self,
        resource: Resource,
        *,
        rest: RestClient,
        client: ShopifyClient,
        journal: Journal,
        clock: Clock,
        checkpoint: RestCheckpoint | None,
        currency_code: str,
        batch_records: int,
        since: datetime | None = None,
    ) -> None:
        """Go on from the checkpoint, or begin where there is none.

        ``since`` reads only what was changed from then on; what a checkpoint says of it holds.
        """
        self._resource = resource
        self._rest = rest
        self._client = client
        self._journal = journal
        self._clock = clock
        self._state = checkpoint
        self._currency = currency_code
        self._limit = min(batch_records, MOST_RECORDS)
        self._since = since
        self._form = rest_format(resource)
        self._newest_at: datetime | None = None
        self._is_in_order = True

    @property
    def synced_through(self) -> datetime:
        """When the read began, by our clock: incremental reads overlap by more than it may err."""
        return self._begun().began_at

    async def prepare(self) -> None:
        """Count the records and note when the read began."""
        if self._state is not None:
            return
        began_at = self._clock.now()
        count = await count_rest_records(self._rest, self._resource, self._since)
        self._state = RestCheckpoint(began_at=began_at, since=self._since, from_at=self._since)
        await self._journal.save(self._state.dump(), count)

    async def batches(self) -> AsyncGenerator[Batch]:
        """Yield a batch for each page."""
        params = self._first_params(self._begun())
        while not self._begun().is_finished:
            looked_at = self._clock.now()
            page = await read_page(self._rest, self._resource, params)
            self._state = self._after(self._begun(), page)
            mapped, rejects = self._mapped(page.rows)
            withheld: set[str] = set()
            read = await complete_records(
                self._client, self._resource, mapped, self._currency, withheld=withheld
            )
            yield Batch(
                records=read.records,
                loose_children=(),
                rejects=(*rejects, *read.rejects),
                observed_at=looked_at,
                checkpoint=self._state.dump(),
                vanished_count=read.vanished_count,
                withheld=frozenset(withheld),
            )
            params = self._next_params(self._state, page)

    async def abandon(self) -> None:
        """Nothing is under way at Shopify between two pages."""

    def _first_params(self, state: RestCheckpoint) -> dict[str, str]:
        if state.from_at is None:
            return params_after(self._resource, state.after_id, self._limit)
        return params_changed(self._resource, state.from_at, self._limit)

    def _next_params(self, state: RestCheckpoint, page: RecordPage) -> dict[str, str]:
        if state.from_at is None or page.next_params is None:
            return self._first_params(state)
        return page.next_params

    def _after(self, state: RestCheckpoint, page: RecordPage) -> RestCheckpoint:
        """Return where the read stands after the page.

        The address of a next page does not last, so a list of changes is taken up at the second of
        its last record; where the list turns out not to be in that order, at its beginning.
        """
        rows = [row for raw in page.rows if (row := _row(raw)) is not None]
        if state.since is None:
            last_id = max((row.id for row in rows), default=state.after_id)
            is_last = page.next_params is None and len(page.rows) < self._limit
            if not is_last and last_id <= state.after_id:
                message = f"the {self._resource.lower()} do not go on behind id {state.after_id}"
                raise ShopifyUnavailableError(message)
            return msgspec.structs.replace(state, after_id=last_id, is_finished=is_last)
        for row in rows:
            self._is_in_order &= self._newest_at is None or self._newest_at <= row.updated_at
            self._newest_at = row.updated_at
        return msgspec.structs.replace(
            state,
            from_at=(self._newest_at or state.from_at) if self._is_in_order else state.since,
            is_finished=page.next_params is None,
        )

    def _mapped(self, rows: Sequence[msgspec.Raw]) -> tuple[list[Mapped[Record]], list[Reject]]:
        mapped: list[Mapped[Record]] = []
        rejects: list[Reject] = []
        for raw in rows:
            try:
                mapped.append(self._form.to_record(self._form.decoder.decode(raw), self._currency))
            except UNMAPPABLE as error:
                rejects.append(unreadable(raw, error, type_name=self._form.type_name))
        return mapped, rejects

    def _begun(self) -> RestCheckpoint:
        if self._state is None:
            message = "prepare the source before reading it"
            raise RuntimeError(message)
        return self._state


def _row(raw: msgspec.Raw) -> RestRow | None:
    try:
        return msgspec.json.decode(raw, type=RestRow)
    except UNREADABLE:
        return None
