"""What every source is to a run, whichever of Shopify's interfaces it reads."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Protocol

from sync_engine.model.batch import Batch
from sync_engine.model.run import Checkpoint
from sync_engine.model.sync_enums import SyncStrategy


class Journal(Protocol):
    """Where a source notes what must survive a crash and is not part of a batch."""

    async def save(
        self, checkpoint: Checkpoint, total: int | None, *, processed: int | None = None
    ) -> None:
        """Write the checkpoint, after every batch that was yielded before it is committed.

        ``total`` is how many records the stage will have, None while that is unknown. Where some
        are read again, ``processed`` is how many still count as read.

        Raises:
            LeaseLostError: another worker holds the shop; stop.
            CancelRequestedError: somebody wants the run to stop.
        """

    def in_doubt(self, export_id: str) -> AsyncGenerator[list[int]]:
        """Yield records, some at a time, of which the export had parts that are not stored.

        To be asked once all its batches were yielded, and before its end. A version of theirs stood
        before, and the export brought none that is newer, or none that could be read.
        """

    async def end_export(self, export_id: str, *, is_whole: bool) -> None:
        """Note that nothing more comes of an export, after what was yielded before is committed.

        Children that still wait are quarantined where their parents never came; where the export
        was given up, they are forgotten.

        Raises:
            LeaseLostError: another worker holds the shop; stop.
        """


class StageSource(Protocol):
    """Brings one resource of one shop once, from a checkpoint on."""

    async def prepare(self) -> None:
        """Do what may go on beside other stages; returns when batches can be read.

        Raises:
            SyncError: the resource cannot be read this way.
        """

    def batches(self) -> AsyncGenerator[Batch]:
        """Yield the records. Each batch holds the checkpoint that is true once it is committed.

        Raises:
            SyncError: the resource cannot be read on this way.
        """

    @property
    def synced_through(self) -> datetime:
        """Everything that Shopify changed up to here has been read; valid after the last batch."""

    async def abandon(self) -> None:
        """Cancel what this source has under way at Shopify; the run will not come back to it."""


class Source(StageSource, Protocol):
    """Reads a resource over one of Shopify's interfaces."""

    strategy: SyncStrategy
