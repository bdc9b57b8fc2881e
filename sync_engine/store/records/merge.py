"""Decides what becomes of a record that meets a stored version of itself. Pure rules, no I/O.

The law: of two versions the one with the later ``updated_at`` stays, of two with the same the one
that was seen later; a deleted record stays deleted. So the order in which versions arrive, and how
often, does not matter. Only where Shopify still shows a record long after we took it for deleted,
we were wrong, and it comes back. One that was erased for good comes back only where it was changed
after that. Of an order in the archive the stub speaks: it stays where the archived version would.
"""

from datetime import datetime, timedelta
from enum import Enum, auto

import msgspec

from sync_engine.model.records import Order
from sync_engine.store.codec import Document
from sync_engine.store.records.kind import FilterT, RecordKind, RecordT, SortT
from sync_engine.store.records.stubs import dates_of, digest_of, is_stub, read_stub

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
    dates = dates_of(stored)
    if record.updated_at < dates["updated_at"]:
        return Verdict.KEEP, record
    if record.updated_at > dates["updated_at"]:
        return Verdict.UPDATE, record
    # An export that was begun in the same second as another may have what the other lacked.
    is_known = observed_at <= dates["observed_at"] and not is_reread
    if is_known and not (may_lack_children and observed_at == dates["observed_at"]):
        return Verdict.KEEP, record
    standing = _archived(stored, record) if is_stub(stored) else kind.decode(stored)
    if standing is None:
        return Verdict.UPDATE, record
    if may_lack_children and kind.children is not None:
        record = kind.children.merge(standing, record)
    return (Verdict.KEEP if standing == record else Verdict.UPDATE), record


def _archived(stored: Document, record: RecordT) -> RecordT | None:
    """Return the archived version of this time, as far as it may differ from the record.

    None where it differs in what the stub does not hold.
    """
    stub = read_stub(stored)
    if not isinstance(record, Order) or stub.digest != digest_of(record):
        return None
    return msgspec.structs.replace(
        record, customer_id=stub.customer_id, line_items=stub.line_items, tags=stub.tags
    )
