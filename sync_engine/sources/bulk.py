"""Reads a resource by bulk operations: export, download, join, complete.

A failed export is run again in smaller windows of time. Nothing that an operation delivered counts
as read before its lines were counted against Shopify's own figure.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime

import msgspec
import structlog

from sync_engine.model.batch import Batch, Reject
from sync_engine.model.clock import Clock
from sync_engine.model.errors import BulkFailedError
from sync_engine.model.records import Order, Record
from sync_engine.model.sync_enums import Resource, SyncStrategy
from sync_engine.shopify.bulk.download import (
    ResultChangedError,
    ResultExpiredError,
    download_lines,
)
from sync_engine.shopify.bulk.export_query import Window, export_query
from sync_engine.shopify.bulk.formats import export_format
from sync_engine.shopify.bulk.join import JoinedBatch, LineJoiner, is_json
from sync_engine.shopify.bulk.operations import BulkOperation, BulkOperations
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.counts import RecordCount, count_records
from sync_engine.shopify.oldest import oldest_record_at
from sync_engine.shopify.pages.by_id import read_by_id
from sync_engine.shopify.refunds import complete_refunds
from sync_engine.sources.bulk_checkpoint import BulkCheckpoint
from sync_engine.sources.operation_follower import (
    BulkPatience,
    ExportFailedError,
    OperationFollower,
)
from sync_engine.sources.operation_news import OperationNews
from sync_engine.sources.source import Journal

_FAILURES_IN_A_ROW = 2
_FAILURES_IN_ALL = 6
_RECORDS_AT_A_STRETCH = 50

log = structlog.get_logger(__name__)


class BulkSource:
    """One resource of one shop, by bulk operations."""

    strategy = SyncStrategy.BULK

    def __init__(
        self,
        resource: Resource,
        *,
        client: ShopifyClient,
        journal: Journal,
        clock: Clock,
        checkpoint: BulkCheckpoint | None,
        currency_code: str,
        batch_records: int,
        patience: BulkPatience,
        news: OperationNews | None = None,
        since: datetime | None = None,
        counted: RecordCount | None = None,
    ) -> None:
        """Go on from the checkpoint, or begin where there is none.

        ``since`` reads only what was changed from then on; what a checkpoint says of it holds.
        ``counted`` is how many records there are, where that is known. ``news`` tells of
        operations that are over.
        """
        self._resource = resource
        self._client = client
        self._journal = journal
        self._clock = clock
        self._state = checkpoint
        self._currency = currency_code
        self._batch_records = batch_records
        self._operations = BulkOperations(client)
        self._follower = OperationFollower(self._operations, clock, patience, news)
        self._since = since
        self._counted = counted
        self._total: int | None = None

    @property
    def synced_through(self) -> datetime:
        """When Shopify began the earliest export: later changes may be missing in it."""
        if self._state is None or self._state.earliest_operation_at is None:
            message = "no export has been read to its end"
            raise RuntimeError(message)
        return self._state.earliest_operation_at

    async def prepare(self) -> None:
        """Count the records, start the first export and wait for it."""
        if self._state is None:
            counted = self._counted or await count_records(
                self._client, self._resource, self._since
            )
            self._total = counted.count
            await self._note(BulkCheckpoint(conditions=counted.conditions, since=self._since))
        if self._begun().windows:
            await self._export()

    async def batches(self) -> AsyncGenerator[Batch]:
        """Yield what the exports hold, window by window."""
        expired_at_byte: int | None = None
        while self._begun().windows:
            operation = await self._export()
            try:
                async with aclosing(self._read(operation)) as batches:
                    async for batch in batches:
                        yield batch
                self._check_count(operation)
                async with aclosing(self._journal.in_doubt(operation.id)) as doubted:
                    async for numbers in doubted:
                        yield await self._reread(numbers)
            except ResultExpiredError as error:
                # The operation is asked again, for a fresh address; but only once for each place.
                if self._begun().next_byte == expired_at_byte:
                    await self._retreat(error)
                expired_at_byte = self._begun().next_byte
            except (ExportFailedError, ResultChangedError) as error:
                await self._retreat(error)
            else:
                await self._finish_window(operation)

    async def abandon(self) -> None:
        """Ask Shopify to cancel the operation that this source has under way."""
        if self._state is not None and self._state.operation_id is not None:
            await self._operations.cancel(self._state.operation_id)

    async def _export(self) -> BulkOperation:
        """Return the completed operation of the first window that there is to do."""
        while True:
            state = self._begun()
            try:
                operation_id = state.operation_id or await self._start(state)
                operation = await self._follower.completed(operation_id)
            except ExportFailedError as error:
                await self._retreat(error)
                continue
            state = self._begun()
            roots = int(operation.root_object_count)
            # Objects without a root are a count that is not known.
            if len(state.windows) == 1 and (roots or operation.object_count == "0"):
                self._total = state.earlier_roots + roots
                await self._note(state)
            return operation

    async def _start(self, state: BulkCheckpoint) -> str:
        """Start the window's operation, or find the one that was started and never noted."""
        query = export_query(self._resource, state.windows[0], state.conditions, state.since)
        started = None
        if state.submitted_at is not None:
            started = await self._follower.find_started(query, state.submitted_at, state.given_up)
        if started is None:
            now = self._clock.now()
            state = msgspec.structs.replace(state, submitted_at=now)
            await self._note(state)
            started = await self._follower.start(query, now, state.given_up)
        await self._note(msgspec.structs.replace(state, operation_id=started.id))
        return started.id

    async def _read(self, operation: BulkOperation) -> AsyncGenerator[Batch]:
        if operation.url is None:
            return
        joiner = LineJoiner(export_format(self._resource), self._currency, self._batch_records)
        end_byte = self._begun().next_byte
        blocks = download_lines(self._client, operation.url, from_byte=end_byte, clock=self._clock)
        async with aclosing(blocks):
            async for block in blocks:
                await asyncio.sleep(0)  # what was downloaded ahead comes without a pause
                if block.is_cut and not is_json(block.lines[0]):
                    raise ExportFailedError("the file of the export ends in the middle of a line")
                end_byte = block.start_byte
                for line in block.lines:
                    joined = joiner.add(line, end_byte) if line else None
                    if joined is not None:
                        yield await self._complete(joined, joiner, operation)
                    end_byte += len(line) + 1
        yield await self._complete(joiner.finish(end_byte), joiner, operation)

    async def _finish_window(self, operation: BulkOperation) -> None:
        await self._journal.end_export(operation.id, is_whole=True)
        state = self._begun()
        earliest = state.earliest_operation_at or operation.created_at
        await self._note(
            msgspec.structs.replace(
                state.without_operation(*state.windows[1:]),
                earlier_roots=state.earlier_roots + state.roots,
                earliest_operation_at=min(earliest, operation.created_at),
                failures_in_a_row=0,
            )
        )

    async def _complete(
        self, joined: JoinedBatch, joiner: LineJoiner, operation: BulkOperation
    ) -> Batch:
        state = self._begun()
        self._state = msgspec.structs.replace(
            state,
            next_byte=joined.next_byte,
            lines=state.lines + joined.lines,
            roots=state.roots + joined.root_lines,
        )
        records: list[Record] = []
        rejects = list(joined.rejects)
        vanished = 0
        for place, root in enumerate(joined.roots):
            found = joiner.record(root)
            if isinstance(found, Reject):
                rejects.append(found)
            else:
                records.append(found)
            if place % _RECORDS_AT_A_STRETCH == 0:
                await asyncio.sleep(0)  # the batch before this one is being written meanwhile
        if self._resource is Resource.ORDERS:
            orders = [record for record in records if isinstance(record, Order)]
            completed = await complete_refunds(self._client, orders)
            records[:], vanished = completed.orders, completed.vanished_count
            rejects += completed.rejects
        return Batch(
            records=tuple(records),
            loose_children=joined.loose_children,
            rejects=tuple(rejects),
            observed_at=operation.created_at,
            checkpoint=self._state.dump(),
            export_id=operation.id,
            vanished_count=vanished,
        )

    async def _reread(self, numbers: list[int]) -> Batch:
        """Return records whole, of which the export and the store together leave some in doubt."""
        looked_at = self._clock.now()
        withheld: set[str] = set()
        read = await read_by_id(
            self._client, self._resource, numbers, self._currency, withheld=withheld
        )
        return Batch(
            records=read.records,
            loose_children=(),
            rejects=read.rejects,
            observed_at=looked_at,
            checkpoint=self._begun().dump(),
            reread=True,
            is_counted=False,
            withheld=frozenset(withheld),
        )

    def _check_count(self, operation: BulkOperation) -> None:
        read = self._begun().lines
        if read != int(operation.object_count):
            raise ExportFailedError(
                f"Shopify counted {operation.object_count} objects, its file holds {read}"
            )

    async def _retreat(self, error: Exception) -> None:
        """Give the operation up and try again in smaller windows.

        Raises:
            BulkFailedError: it has failed too often.
        """
        state = self._begun()
        given_up = state.operation_id
        failures, in_a_row = state.failures + 1, state.failures_in_a_row + 1
        log.warning("bulk.failed", resource=self._resource, reason=str(error), failures=failures)
        if given_up is not None:
            await self._journal.end_export(given_up, is_whole=False)
        if in_a_row >= _FAILURES_IN_A_ROW or failures >= _FAILURES_IN_ALL:
            raise BulkFailedError(
                f"bulk export failed {failures} times, lastly: {error}"
            ) from error
        current, rest = state.windows[0], state.windows[1:]
        smaller = await self._halves(current) or (current,)
        await self._note(
            msgspec.structs.replace(
                state.without_operation(*smaller, *rest),
                failures=failures,
                failures_in_a_row=in_a_row,
                given_up=state.given_up if given_up is None else (*state.given_up, given_up),
            ),
            processed=state.earlier_roots,
        )

    async def _halves(self, window: Window) -> tuple[Window, Window] | None:
        oldest = window.from_at or await oldest_record_at(self._client, self._resource)
        return None if oldest is None else window.halves(oldest, self._clock.now())

    async def _note(self, state: BulkCheckpoint, processed: int | None = None) -> None:
        self._state = state
        await self._journal.save(state.dump(), self._total, processed=processed)

    def _begun(self) -> BulkCheckpoint:
        if self._state is None:
            message = "prepare the source before reading it"
            raise RuntimeError(message)
        return self._state
