"""What a source hands over: records, loose ends, rejects, and where to go on."""

from datetime import datetime

import msgspec

from sync_engine.model.records import Child, Record
from sync_engine.model.run import Checkpoint
from sync_engine.model.sync_enums import SyncErrorCode


class Reject(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not become a record, to be quarantined with its reason.

    ``is_record`` is false for a part of a record, which then is stored without that part.
    """

    code: SyncErrorCode
    message: str
    resource_id: str | None
    payload: str | None
    is_record: bool = True


class LooseChild(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A child whose parent is not in the same batch: already written, or still to come."""

    parent_id: int
    child: Child


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Records that are complete as far as they were read, in any order.

    ``observed_at`` is when Shopify looked: between two equal ``updated_at`` the later look wins.
    ``observed_each`` says so, by number, for those that it looked at at another moment. Records
    that were ``reread`` because what is stored was in doubt win at equal ``updated_at``, whatever
    the clocks say.
    ``export_id`` names the bulk export, within which loose children wait for their parents.
    ``vanished_count`` counts records that Shopify deleted while they were being read, and
    ``unchanged_count`` those that were found to be as they are stored, without being read;
    ``deleted`` names stored ones that are known to be gone. ``withheld`` are fields that Shopify
    keeps back from the app, so that no record has them. Where the batch is not ``is_counted``, its
    records were counted before, and are read anew because something of them was missing.
    """

    records: tuple[Record, ...]
    loose_children: tuple[LooseChild, ...]
    rejects: tuple[Reject, ...]
    observed_at: datetime
    checkpoint: Checkpoint
    export_id: str | None = None
    vanished_count: int = 0
    reread: bool = False
    unchanged_count: int = 0
    deleted: tuple[int, ...] = ()
    observed_each: dict[int, datetime] = {}
    withheld: frozenset[str] = frozenset()
    is_counted: bool = True

    def observed(self, number: int) -> datetime:
        """Return when Shopify looked at a record, or found it deleted."""
        return self.observed_each.get(number, self.observed_at)
