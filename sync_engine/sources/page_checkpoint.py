"""Where a read by pages stands: enough to go on after any crash, on any machine."""

from datetime import datetime
from typing import Any

import msgspec

from sync_engine.model.run import Checkpoint


class PageCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How far a list is read, and the slice of it that is being read.

    Attributes:
        began_at: when the read began; later changes may be missing in it.
        conditions: what every slice is filtered by besides its beginning.
        since: only what was changed from then on is read; None reads everything.
        after_id: where the slice begins when everything is read: behind this id.
        from_at: where the slice begins when changes are read: with this second.
        cursor: where in the slice the next page begins; None at its beginning.
        slice_records: how much of the slice is read.
        last_id: the id of the last record that was read.
        last_at: when the last record that was read had been changed.
        is_finished: nothing is left to read.
    """

    began_at: datetime
    conditions: str = ""
    since: datetime | None = None
    after_id: int = 0
    from_at: datetime | None = None
    cursor: str | None = None
    slice_records: int = 0
    last_id: int = 0
    last_at: datetime | None = None
    is_finished: bool = False

    def dump(self) -> Checkpoint:
        """Return the plain values that a run stores."""
        plain: dict[str, Any] = msgspec.to_builtins(self, builtin_types=(datetime,))
        return plain


def load_page_checkpoint(stored: Checkpoint | None) -> PageCheckpoint | None:
    """Read a checkpoint back, None where there is none yet."""
    return None if stored is None else msgspec.convert(stored, PageCheckpoint)
