"""Where a bulk export stands: enough to go on after any crash, on any machine."""

from datetime import datetime
from typing import Any

import msgspec

from sync_engine.model.run import Checkpoint
from sync_engine.shopify.bulk.export_query import Window


class BulkCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The windows that are still to do, the current one first, and how far that one is.

    Attributes:
        submitted_at: when we were about to start an operation; without an ``operation_id`` the
            process died in between, and the operation may exist.
        next_byte: where in the current operation's file the next unread line begins.
        lines: how many lines of that file are read; compared with Shopify's count at its end.
        roots: how many of those lines are records, not parts of records.
        earlier_roots: records that were read from earlier files, given up ones not included.
        earliest_operation_at: when Shopify began the first of the exports that were finished.
        failures: operations that ended badly so far.
        failures_in_a_row: those of them since the last window that was read to its end.
        given_up: the operations that ended badly; they are not taken for one that was lost.
        conditions: what every window is filtered by besides its time.
        since: only what was changed from then on is exported; None exports everything.
    """

    windows: tuple[Window, ...] = (Window(),)
    conditions: str = ""
    submitted_at: datetime | None = None
    operation_id: str | None = None
    next_byte: int = 0
    lines: int = 0
    roots: int = 0
    earlier_roots: int = 0
    earliest_operation_at: datetime | None = None
    failures: int = 0
    failures_in_a_row: int = 0
    given_up: tuple[str, ...] = ()
    since: datetime | None = None

    def dump(self) -> Checkpoint:
        """Return the plain values that a run stores."""
        plain: dict[str, Any] = msgspec.to_builtins(self, builtin_types=(datetime,))
        return plain

    def without_operation(self, *windows: Window) -> "BulkCheckpoint":
        """Return the state before any operation for these windows was asked for."""
        return msgspec.structs.replace(
            self,
            windows=windows,
            submitted_at=None,
            operation_id=None,
            next_byte=0,
            lines=0,
            roots=0,
        )


def load_bulk_checkpoint(stored: Checkpoint | None) -> BulkCheckpoint | None:
    """Read a checkpoint back, None where there is none yet."""
    return None if stored is None else msgspec.convert(stored, BulkCheckpoint)
