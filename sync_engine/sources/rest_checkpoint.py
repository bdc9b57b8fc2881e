"""Where a read over REST stands: enough to go on after any crash, on any machine."""

from datetime import datetime
from typing import Any

import msgspec

from sync_engine.model.run import Checkpoint


class RestCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How far a list is read.

    Attributes:
        began_at: when the read began; later changes may be missing in it.
        since: only what was changed from then on is read; None reads everything.
        after_id: everything up to this id is read, where everything is read.
        from_at: everything that was changed before is read, where changes are read.
        is_finished: nothing is left to read.
    """

    began_at: datetime
    since: datetime | None = None
    after_id: int = 0
    from_at: datetime | None = None
    is_finished: bool = False

    def dump(self) -> Checkpoint:
        """Return the plain values that a run stores."""
        plain: dict[str, Any] = msgspec.to_builtins(self, builtin_types=(datetime,))
        return plain


def load_rest_checkpoint(stored: Checkpoint | None) -> RestCheckpoint | None:
    """Read a checkpoint back, None where there is none yet."""
    return None if stored is None else msgspec.convert(stored, RestCheckpoint)
