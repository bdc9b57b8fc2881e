"""The bulk operations of one shop: submitting, slots, finding, cancelling.

Source: shopify.dev, "Perform bulk operations with the GraphQL Admin API" (five queries at the same
time for an app and a shop from version 2026-01 on).
"""

from msgspec import Struct

from sync_engine.simulator.bulk.operation import (
    ACTIVE_STATUSES,
    BulkOperation,
    Pace,
    Snapshot,
)
from sync_engine.simulator.bulk.outcome import BulkOutcome
from sync_engine.simulator.gids import gid

CONCURRENT_QUERIES = 5

_FIRST_ID = 7_000_000_000_000


class BulkRefusedError(Exception):
    """An operation that Shopify does not take on.

    Attributes:
        code: BulkOperationUserErrorCode.
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class Submission(Struct, frozen=True, kw_only=True):
    """What the submitting request knows about an operation."""

    app: str
    query: str
    group_objects: bool


class BulkOperations:
    """All operations of a shop.

    Attributes:
        is_disabled: The app may not use bulk operations; every submission is refused.
        pace: Of operations submitted from now on.
    """

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.is_disabled = False
        self._by_id: dict[int, BulkOperation] = {}
        self._next_id = _FIRST_ID

    def submit(self, submission: Submission, now: float, outcome: BulkOutcome) -> BulkOperation:
        """Take on an operation.

        Raises:
            BulkRefusedError: Bulk is disabled, or all slots of the app are busy.
        """
        if self.is_disabled:
            message = "Bulk operations limit reached. Please try again later."
            raise BulkRefusedError(message, code="LIMIT_REACHED")
        active = [s for s in self.snapshots(submission.app, now) if s.status in ACTIVE_STATUSES]
        if len(active) >= CONCURRENT_QUERIES:
            ids = ", ".join(gid("BulkOperation", s.id) for s in reversed(active))
            message = (
                "A bulk query operation for this app and shop is already in progress: " + ids + "."
            )
            raise BulkRefusedError(message, code="OPERATION_IN_PROGRESS")
        operation = BulkOperation(
            id_=self._next_id,
            app=submission.app,
            query=submission.query,
            submitted=now,
            pace=self.pace,
            outcome=outcome,
        )
        self._by_id[operation.id] = operation
        self._next_id += 32_768
        return operation

    def find(self, id_: int, app: str | None = None) -> BulkOperation | None:
        """An operation by id; with `app`, only its own."""
        found = self._by_id.get(id_)
        return found if found is not None and app in {None, found.app} else None

    def snapshots(self, app: str | None, now: float) -> list[Snapshot]:
        """How all operations of an app (or of all apps) look at a moment, newest first."""
        return [
            operation.snapshot(now)
            for operation in reversed(self._by_id.values())
            if app in {None, operation.app}
        ]

    def clear(self) -> None:
        """Forget all operations; ids go on."""
        self._by_id.clear()
