"""A sync run as data: what was asked, how far it is, and the rules of its progress."""

from datetime import datetime
from typing import Any

import msgspec

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import (
    Resource,
    SyncMode,
    SyncPhase,
    SyncState,
    SyncStrategy,
    SyncTrigger,
)

Checkpoint = dict[str, Any]
"""Where a source goes on from; only the source that wrote it can read it. Plain BSON values."""


class WriteCounts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became of records.

    ``processed`` is how many were read on the road that a stage is on now, by the exports that
    hold. The others say what became of records in the whole stage, and their sum is ``processed``:
    what a stage reads again and finds as it wrote it itself, before a road or an export was given
    up, is not counted once more. Only while it reads again what is counted is the sum greater, by
    ``counted_before``; so it stays for records that changed at Shopify between the two reads.
    """

    processed: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    failed: int = 0

    @property
    def counted_before(self) -> int:
        """How many records are counted that were not read on the present road yet."""
        counted = self.created + self.updated + self.unchanged + self.deleted + self.failed
        return max(0, counted - self.processed)

    def __add__(self, other: "WriteCounts") -> "WriteCounts":
        return WriteCounts(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__}
        )

    def __sub__(self, other: "WriteCounts") -> "WriteCounts":
        return WriteCounts(
            **{name: getattr(self, name) - getattr(other, name) for name in self.__struct_fields__}
        )


class ApiUsage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a run asked of Shopify."""

    requests: int = 0
    throttled: int = 0
    retried: int = 0
    failed: int = 0
    cost_points: float = 0.0
    seconds_waited_for_budget: float = 0.0
    bytes_downloaded: int = 0


class StrategyFallback(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy that was given up, and why."""

    from_strategy: SyncStrategy
    to_strategy: SyncStrategy
    reason: str
    at: datetime


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One resource of a run; ``withheld`` are fields that Shopify keeps back from the app."""

    resource: Resource
    phase: SyncPhase = SyncPhase.WAITING
    strategy: SyncStrategy | None = None
    fallbacks: tuple[StrategyFallback, ...] = ()
    counts: WriteCounts = WriteCounts()
    total: int | None = None
    checkpoint: Checkpoint | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    withheld: tuple[str, ...] = ()


class StageChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be written of a stage; whatever is left out stays as it is."""

    phase: SyncPhase | msgspec.UnsetType = msgspec.UNSET
    strategy: SyncStrategy | msgspec.UnsetType = msgspec.UNSET
    fallbacks: tuple[StrategyFallback, ...] | msgspec.UnsetType = msgspec.UNSET
    total: int | msgspec.UnsetType | None = msgspec.UNSET
    checkpoint: Checkpoint | msgspec.UnsetType | None = msgspec.UNSET
    started_at: datetime | msgspec.UnsetType = msgspec.UNSET
    finished_at: datetime | msgspec.UnsetType = msgspec.UNSET
    withheld: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET


class Advance(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a stage: what changed, and what to add to the counters since the last step.

    Where a stage begins anew, ``processed`` is how many records still count as read.
    """

    now: datetime
    change: StageChange = StageChange()
    counts: WriteCounts = WriteCounts()
    processed: int | None = None
    usage: ApiUsage = ApiUsage()
    messages: tuple[str, ...] = ()
    records_per_second: float | None = None


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The right to write to a run, as long as its fence is the highest."""

    shop: ShopDomain
    run_id: str
    fence: int


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run as stored.

    ``fence`` is the number of the lease under which it was last taken up. ``fraction`` is the
    highest share of the work ever reached; ``records_per_second`` is what the worker last measured.
    ``fruitless_count`` is how often it was taken up since it last got any further.
    ``operations_over`` are the bulk operations that were said to be over while it was under way.
    """

    id: str
    shop: ShopDomain
    mode: SyncMode
    trigger: SyncTrigger
    requested_strategy: SyncStrategy | None
    state: SyncState
    stages: tuple[Stage, ...]
    queued_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    resumed_count: int = 0
    fruitless_count: int = 0
    fence: int = 0
    error_count: int = 0
    recent_errors: tuple[str, ...] = ()
    usage: ApiUsage = ApiUsage()
    message: str | None = None
    fraction: float | None = None
    records_per_second: float | None = None
    cancel_requested_at: datetime | None = None
    operations_over: tuple[str, ...] = ()

    def stage(self, resource: Resource) -> Stage:
        """Return the stage of a resource.

        Raises:
            KeyError: the run does not take this resource.
        """
        for stage in self.stages:
            if stage.resource == resource:
                return stage
        raise KeyError(resource)

    @property
    def claim(self) -> Claim:
        """The claim of whoever took the run up last."""
        return Claim(shop=self.shop, run_id=self.id, fence=self.fence)
