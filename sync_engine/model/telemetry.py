"""What the engine tells of its work to whoever measures it; it has never heard of Prometheus.

Handed down from the composition root like the clock. Whoever implements it must be quick and must
not raise: these are called in the middle of the work, ``database_answered`` from other threads.
"""

from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from typing import Protocol

from sync_engine.model.recurring import RecurringJob
from sync_engine.model.run import Run, Stage, WriteCounts
from sync_engine.model.sync_enums import SyncMode


class ShopifyApi(StrEnum):
    """What of Shopify's is asked."""

    GRAPHQL = "graphql"
    REST = "rest"
    DOWNLOAD = "download"
    """The files that bulk exports leave; no allowance counts them."""


class Telemetry(Protocol):
    """Hears of work as it is done."""

    def span(self, name: str, **attributes: str | int) -> AbstractContextManager[object]:
        """Trace what is done inside, as a part of what it is done for."""

    def records_written(self, mode: SyncMode, stage: Stage, counts: WriteCounts) -> None:
        """Hear what became of records of a stage since the last time."""

    def stage_ended(self, mode: SyncMode, stage: Stage) -> None:
        """Hear that a stage is done, or failed."""

    def run_ended(self, run: Run) -> None:
        """Hear that a run is over."""

    def shopify_used(self, api: ShopifyApi, amounts: dict[str, float]) -> None:
        """Hear what was asked of an API, by the field names of ``ApiUsage``."""

    def shopify_answered(self, api: ShopifyApi, seconds: float, *, has_failed: bool) -> None:
        """Hear how long a request took."""

    def database_answered(self, command: str, seconds: float, *, has_failed: bool) -> None:
        """Hear how long a command of MongoDB's took; may come from any thread."""

    def webhook_settled(self, topic: str, outcome: str, *, seconds_since_received: float) -> None:
        """Hear what became of a webhook that was taken in: its status, or ``PUT_OFF``."""

    def job_done(self, job: RecurringJob, seconds: float, *, has_failed: bool) -> None:
        """Hear that a due job was done."""


class CacheCounts(Protocol):
    """A cache that counts how often it was of use."""

    @property
    def hits(self) -> int:
        """How often it had what was asked for."""

    @property
    def misses(self) -> int:
        """How often it had not."""


class SilentTelemetry:
    """Listens to nothing, at no cost."""

    def span(self, name: str, **attributes: str | int) -> AbstractContextManager[object]:
        """Do nothing."""
        del name, attributes
        return _NO_SPAN

    def records_written(self, mode: SyncMode, stage: Stage, counts: WriteCounts) -> None:
        """Do nothing."""

    def stage_ended(self, mode: SyncMode, stage: Stage) -> None:
        """Do nothing."""

    def run_ended(self, run: Run) -> None:
        """Do nothing."""

    def shopify_used(self, api: ShopifyApi, amounts: dict[str, float]) -> None:
        """Do nothing."""

    def shopify_answered(self, api: ShopifyApi, seconds: float, *, has_failed: bool) -> None:
        """Do nothing."""

    def database_answered(self, command: str, seconds: float, *, has_failed: bool) -> None:
        """Do nothing."""

    def webhook_settled(self, topic: str, outcome: str, *, seconds_since_received: float) -> None:
        """Do nothing."""

    def job_done(self, job: RecurringJob, seconds: float, *, has_failed: bool) -> None:
        """Do nothing."""


_NO_SPAN = nullcontext()

SILENT = SilentTelemetry()
"""What a part is given where nobody measures: it holds nothing, so one is enough."""
