"""Decides what becomes of a record that meets a stored version of itself. Pure rules, no I/O.

The law: of two versions the one with the later ``updated_at`` stays, of two with the same the one
that was seen later; a deleted record stays deleted. So the order in which versions arrive, and how
often, does not matter.
"""

from datetime import datetime
from enum import Enum, auto

from sync_engine.store.codec import Document
from sync_engine.store.records.kind import FilterT, RecordKind, RecordT, SortT


class Verdict(Enum):
    """What to do with an incoming record."""

    CREATE = auto()
    UPDATE = auto()
    KEEP = auto()


def verdict(
    kind: RecordKind[RecordT, FilterT, SortT],
    stored: Document | None,
    record: RecordT,
    observed_at: datetime,
) -> Verdict:
    """Compare an incoming record with the document that is stored under its id, if any."""
    if stored is None:
        return Verdict.CREATE
    if "deleted_at" in stored or record.updated_at < stored["updated_at"]:
        return Verdict.KEEP
    if record.updated_at > stored["updated_at"]:
        return Verdict.UPDATE
    if observed_at <= stored["observed_at"] or kind.decode(stored) == record:
        return Verdict.KEEP
    return Verdict.UPDATE
