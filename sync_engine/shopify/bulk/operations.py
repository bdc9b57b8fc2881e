"""Starts, follows and cancels bulk operations. Decides nothing: it says what Shopify says.

Source: shopify.dev, "Perform bulk operations with the GraphQL Admin API", read 2026-11-23.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

import msgspec

from sync_engine.model.errors import BulkSlotsBusyError, QueryRejectedError
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.documents import document

_SLOTS_BUSY = {"OPERATION_IN_PROGRESS", "LIMIT_REACHED"}
_RECENT = 25


class BulkStatus(StrEnum):
    """Where an operation stands."""

    CREATED = "CREATED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"

    @property
    def is_final(self) -> bool:
        """Whether the operation will not move any more; one that is being cancelled will."""
        return self not in {BulkStatus.CREATED, BulkStatus.RUNNING, BulkStatus.CANCELING}


class StartedOperation(msgspec.Struct, frozen=True, rename="camel"):
    """An operation as Shopify names it when it starts."""

    id: str
    status: BulkStatus
    created_at: datetime


class BulkOperation(msgspec.Struct, frozen=True, rename="camel"):
    """An operation as it stands; counts come as text and are lines, and lines without a parent."""

    id: str
    status: BulkStatus
    created_at: datetime
    object_count: str
    root_object_count: str
    error_code: str | None = None
    url: str | None = None
    partial_data_url: str | None = None


class _UserError(msgspec.Struct):
    message: str
    code: str | None = None


class _Started(msgspec.Struct, rename="camel"):
    user_errors: list[_UserError]
    bulk_operation: StartedOperation | None = None


class _StartAnswer(msgspec.Struct, rename="camel"):
    bulk_operation_run_query: _Started


class _StatusAnswer(msgspec.Struct, rename="camel"):
    bulk_operation: BulkOperation | None = None


class _Recent(msgspec.Struct, rename="camel"):
    id: str
    status: BulkStatus
    created_at: datetime
    query: str


class _RecentList(msgspec.Struct):
    nodes: list[_Recent]


class _RecentAnswer(msgspec.Struct, rename="camel"):
    bulk_operations: _RecentList


class _CancelAnswer(msgspec.Struct, rename="camel"):
    bulk_operation_cancel: dict[str, object] | None = None


class BulkOperations:
    """The bulk operations of one shop."""

    def __init__(self, client: ShopifyClient) -> None:
        """Take the client of the shop."""
        self._client = client

    async def start(
        self, query: str, *, since: datetime, but_not: Collection[str] = ()
    ) -> StartedOperation:
        """Start an export; one whose answer was lost on the way is found, not started again.

        Args:
            query: what to export.
            since: what was started before is not the one that was lost.
            but_not: operations of this query that are known, and no use.

        Raises:
            BulkSlotsBusyError: as many operations as Shopify allows are under way.
            QueryRejectedError: Shopify does not export this query.
            SyncError: as ``ShopifyClient.execute``.
        """

        async def recover() -> _StartAnswer | None:
            found = await self.find_started(query, since, but_not=but_not)
            return None if found is None else _StartAnswer(_Started([], found))

        answer = await self._client.execute(
            document("bulk_start"), _StartAnswer, {"query": query}, recover=recover
        )
        started = answer.bulk_operation_run_query
        if started.user_errors:
            error = started.user_errors[0]
            if any(each.code in _SLOTS_BUSY for each in started.user_errors):
                raise BulkSlotsBusyError(f"Shopify has no free slot: {error.message[:300]}")
            raise QueryRejectedError(f"Shopify does not export the query: {error.message[:300]}")
        if started.bulk_operation is None:
            message = "Shopify names no operation and no reason"
            raise QueryRejectedError(message)
        return started.bulk_operation

    async def get(self, operation_id: str) -> BulkOperation | None:
        """Return an operation as it stands; None where Shopify does not know it."""
        answer = await self._client.execute(
            document("bulk_status"), _StatusAnswer, {"id": operation_id}
        )
        return answer.bulk_operation

    async def find_started(
        self, query: str, since: datetime, *, but_not: Collection[str] = ()
    ) -> StartedOperation | None:
        """Find the newest operation of this very query that was started since then and lives.

        For whoever started an operation and never saw, or never noted, its id.
        """
        ours = [
            each
            for each in await self._recent()
            if each.query.split() == query.split()
            and each.created_at >= since
            and each.id not in but_not
            and each.status in {BulkStatus.CREATED, BulkStatus.RUNNING, BulkStatus.COMPLETED}
        ]
        newest = max(ours, key=lambda each: each.created_at, default=None)
        if newest is None:
            return None
        return StartedOperation(newest.id, newest.status, newest.created_at)

    async def has_any_active(self) -> bool:
        """Whether any operation of this app and shop holds a slot, ours or not."""
        return any(not each.status.is_final for each in await self._recent())

    async def cancel(self, operation_id: str) -> None:
        """Ask Shopify to cancel an operation of ours; harmless where it is over.

        The operation keeps its slot until it says CANCELED.
        """
        await self._client.execute(document("bulk_cancel"), _CancelAnswer, {"id": operation_id})

    async def _recent(self) -> list[_Recent]:
        answer = await self._client.execute(
            document("bulk_recent"),
            _RecentAnswer,
            {"first": _RECENT, "query": "operation_type:query"},
        )
        return answer.bulk_operations.nodes
