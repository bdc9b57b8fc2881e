"""Brings one bulk operation to its end: starts it, finds it again, waits, tells why it failed."""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from sync_engine.model.clock import Clock
from sync_engine.model.errors import (
    BulkDeniedError,
    BulkNotEnabledError,
    BulkSlotsBusyError,
)
from sync_engine.shopify.bulk.operations import (
    BulkOperation,
    BulkOperations,
    BulkStatus,
    StartedOperation,
)
from sync_engine.sources.operation_news import OperationNews

_POLL_GROWTH = 1.5
_REFUSALS_WHILE_IDLE = 3
_CLOCK_SKEW = timedelta(minutes=5)


class BulkPatience(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait for what; a poll interval grows from its first to its maximum."""

    first_poll_seconds: float = 0.5
    max_poll_seconds: float = 30.0
    stall_seconds: float = 3600.0
    slot_seconds: float = 3600.0
    cancel_seconds: float = 900.0


class ExportFailedError(Exception):
    """The operation did not deliver; another one may. Never leaves the source."""


class OperationFollower:
    """Starts and follows the operations of one source."""

    def __init__(
        self,
        operations: BulkOperations,
        clock: Clock,
        patience: BulkPatience,
        news: OperationNews | None = None,
    ) -> None:
        """Take the shop's operations, and where it is heard that one is over."""
        self._operations = operations
        self._news = news
        self._clock = clock
        self._patience = patience

    async def start(
        self, query: str, submitted_at: datetime, given_up: Collection[str] = ()
    ) -> StartedOperation:
        """Start an operation, waiting for a free slot.

        ``submitted_at`` is when we began to want it, ``given_up`` what we have no use for.

        Raises:
            BulkNotEnabledError: Shopify speaks of a limit again and again while nothing runs.
            BulkSlotsBusyError: no slot became free in time.
            SyncError: as ``BulkOperations.start``.
        """
        deadline = self._clock.monotonic_seconds() + self._patience.slot_seconds
        pause = self._patience.first_poll_seconds
        refusals_while_idle = 0
        while True:
            try:
                return await self._operations.start(
                    query, since=submitted_at - _CLOCK_SKEW, but_not=given_up
                )
            except BulkSlotsBusyError as error:
                is_idle = not await self._operations.has_any_active()
                refusals_while_idle = refusals_while_idle + 1 if is_idle else 0
                if refusals_while_idle == _REFUSALS_WHILE_IDLE:
                    message = f"no bulk operation is allowed while none runs: {error}"
                    raise BulkNotEnabledError(message) from error
                # Where nothing runs, waiting for a slot is not what helps: the refusals tell.
                if not is_idle and self._clock.monotonic_seconds() + pause > deadline:
                    raise
            await self._clock.sleep(pause)
            pause = self._longer(pause)

    async def find_started(
        self, query: str, submitted_at: datetime, given_up: Collection[str] = ()
    ) -> StartedOperation | None:
        """Find the operation that a process started before it died, if it came to that."""
        return await self._operations.find_started(
            query, submitted_at - _CLOCK_SKEW, but_not=given_up
        )

    async def completed(self, operation_id: str) -> BulkOperation:
        """Wait until the operation is complete: ask at once, now and then, and when told to.

        Raises:
            ExportFailedError: it failed, was cancelled, expired, does not move, or is complete
                without a result although it counted objects.
            BulkDeniedError: the token may not read some of what the query asks for.
            SyncError: as ``ShopifyClient.execute``.
        """
        if self._news is None:
            return await self._follow(operation_id, asyncio.Event())
        async with self._news.about(operation_id) as told:
            return await self._follow(operation_id, told)

    async def _follow(self, operation_id: str, told: asyncio.Event) -> BulkOperation:
        pause = self._patience.first_poll_seconds
        seen: tuple[BulkStatus, str] | None = None
        moved_at = self._clock.monotonic_seconds()
        while True:
            operation = await self._operations.get(operation_id)
            if operation is None:
                raise ExportFailedError(f"Shopify does not know {operation_id} any more")
            if operation.status.is_final:
                return self._checked(operation)
            now = self._clock.monotonic_seconds()
            if (operation.status, operation.object_count) != seen:
                seen, moved_at = (operation.status, operation.object_count), now
            elif now - moved_at > self._patience.stall_seconds:
                await self.cancel(operation_id)
                raise ExportFailedError(
                    f"the export stood at {operation.object_count} objects for "
                    f"{round(now - moved_at)} seconds and was cancelled"
                )
            await self._wait(pause, told)
            pause = self._longer(pause)

    async def cancel(self, operation_id: str) -> None:
        """Cancel an operation of ours and wait until its slot is free, for a while."""
        await self._operations.cancel(operation_id)
        deadline = self._clock.monotonic_seconds() + self._patience.cancel_seconds
        pause = self._patience.first_poll_seconds
        while self._clock.monotonic_seconds() < deadline:
            operation = await self._operations.get(operation_id)
            if operation is None or operation.status.is_final:
                return
            await self._clock.sleep(pause)
            pause = self._longer(pause)

    async def _wait(self, seconds: float, told: asyncio.Event) -> None:
        """Wait so long, or until somebody says that it is over."""
        waits = [
            asyncio.create_task(self._clock.sleep(seconds)),
            asyncio.create_task(told.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.wait(waits)
        told.clear()

    def _checked(self, operation: BulkOperation) -> BulkOperation:
        if operation.error_code == "ACCESS_DENIED":
            raise BulkDeniedError("Shopify denies access to what the export asks for")
        if operation.status is not BulkStatus.COMPLETED:
            reason = f" ({operation.error_code})" if operation.error_code else ""
            raise ExportFailedError(f"the export ended as {operation.status}{reason}")
        if operation.url is None and operation.object_count != "0":
            raise ExportFailedError(
                f"the export is complete with {operation.object_count} objects, but without a file"
            )
        return operation

    def _longer(self, pause: float) -> float:
        return min(pause * _POLL_GROWTH, self._patience.max_poll_seconds)
