"""Decides what becomes of a record that meets a stored version of itself. Pure rules, no I/O.

The law: of two versions the one with the later ``updated_at`` stays, of two with the same the one
that was seen later; a deleted record stays deleted. So the order in which versions arrive, and how
often, does not matter. Only where Shopify still shows a record long after we took it for deleted,
we were wrong, and it comes back. One that was erased for good comes back only where it was changed
after that.
"""

from datetime import datetime, timedelta
from enum import Enum, auto

from sync_engine.store.codec import Document
from sync_engine.store.records.kind import FilterT, RecordKind, RecordT, SortT

_TOMBSTONE_HOLDS = timedelta(hours=1)  # searches and exports may lag behind a deletion


class Verdict(Enum):
    """What to do with an incoming record."""

    CREATE = auto()
    UPDATE = auto()
    KEEP = auto()


def resolve(
    kind: RecordKind[RecordT, FilterT, SortT],
    stored: Document | None,
    record: RecordT,
    observed_at: datetime,
    *,
    may_lack_children: bool = False,
    is_reread: bool = False,
) -> tuple[Verdict, RecordT]:
    """Compare an incoming record with the document under its id; returns what is to be stored.

    A record from an export may lack children that come later in the file. Where the stored version
    is of the same time it has the same children, so they are kept and not taken away meanwhile.
    """
    if stored is None:
        return Verdict.CREATE, record
    if "erased_at" in stored:
        came_back = min(observed_at, record.updated_at) > stored["erased_at"]
        return (Verdict.UPDATE if came_back else Verdict.KEEP), record
    if "deleted_at" in stored:
        was_wrong = observed_at > stored["deleted_at"] + _TOMBSTONE_HOLDS
        return (Verdict.UPDATE if was_wrong else Verdict.KEEP), record
    if record.updated_at < stored["updated_at"]:
        return Verdict.KEEP, record
    if record.updated_at > stored["updated_at"]:
        return Verdict.UPDATE, record
    if observed_at <= stored["observed_at"] and not is_reread:
        return Verdict.KEEP, record
    standing = kind.decode(stored)
    if may_lack_children and kind.children is not None:
        record = kind.children.merge(standing, record)
    return (Verdict.KEEP if standing == record else Verdict.UPDATE), record
