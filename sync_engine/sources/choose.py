"""Decides over which of Shopify's interfaces a resource is read. A table: no I/O, no clock."""

from enum import StrEnum

import msgspec

from sync_engine.model.errors import (
    BulkDeniedError,
    BulkFailedError,
    BulkNotEnabledError,
    BulkSlotsBusyError,
    QueryRejectedError,
    QueryTooExpensiveError,
    RestClosedError,
    StrategyClosedError,
    SyncError,
)
from sync_engine.model.sync_enums import SyncStrategy


class ChoiceReason(StrEnum):
    """Why a strategy was taken, or given up."""

    ASKED = "ASKED"
    PREFERRED = "PREFERRED"
    FEW_RECORDS = "FEW_RECORDS"
    MANY_RECORDS = "MANY_RECORDS"
    BULK_NOT_ENABLED = "BULK_NOT_ENABLED"
    BULK_SLOTS_BUSY = "BULK_SLOTS_BUSY"
    BULK_FAILED_TWICE = "BULK_FAILED_TWICE"
    TOO_EXPENSIVE = "TOO_EXPENSIVE"
    REST_RETIRED = "REST_RETIRED"
    BULK_DENIED = "BULK_DENIED"
    CLOSED = "CLOSED"
    REJECTED = "REJECTED"


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What a choice depends on.

    Attributes:
        asked: what this run was asked to take.
        preferred: what the shop's settings prefer.
        record_count: how much there is to read; None where nobody needs to know.
        few_records: how much of it pages read sooner than an export would begin.
        given_up: what was tried in this stage and shut.
        because: why the last of these was.
    """

    asked: SyncStrategy | None = None
    preferred: SyncStrategy | None = None
    record_count: int | None = None
    few_records: int = 0
    given_up: frozenset[SyncStrategy] = frozenset()
    because: ChoiceReason | None = None


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What to take, and why: after a failure the reason is that of the strategy before it."""

    strategy: SyncStrategy
    reason: ChoiceReason


def choose(situation: Situation) -> Choice | None:
    """Return the first strategy of the table that was not given up; None where all were.

    What was asked for goes before what is preferred, and that before what the count suggests; then
    they fall back along BULK, GRAPHQL, REST.
    """
    table = [
        (situation.asked, ChoiceReason.ASKED),
        (situation.preferred, ChoiceReason.PREFERRED),
        (SyncStrategy.GRAPHQL if _is_small(situation) else None, ChoiceReason.FEW_RECORDS),
        *((strategy, ChoiceReason.MANY_RECORDS) for strategy in SyncStrategy),
    ]
    for strategy, reason in table:
        if strategy is not None and strategy not in situation.given_up:
            return Choice(strategy=strategy, reason=situation.because or reason)
    return None


def needs_count(situation: Situation) -> bool:
    """Whether the choice depends on how much there is to read."""
    return situation.asked is None and situation.preferred is None


def reason_to_give_up(error: SyncError) -> ChoiceReason | None:
    """Return why this road is shut; None where the error says nothing of the road.

    What may pass by itself was tried again by then, and what a person must mend is shut on every
    road.
    """
    match error:
        case BulkNotEnabledError():
            return ChoiceReason.BULK_NOT_ENABLED
        case BulkSlotsBusyError():
            return ChoiceReason.BULK_SLOTS_BUSY
        case BulkFailedError():
            return ChoiceReason.BULK_FAILED_TWICE
        case QueryTooExpensiveError():
            return ChoiceReason.TOO_EXPENSIVE
        case RestClosedError():
            return ChoiceReason.REST_RETIRED
        case BulkDeniedError():
            return ChoiceReason.BULK_DENIED
        case StrategyClosedError():
            return ChoiceReason.CLOSED
        case QueryRejectedError():
            return ChoiceReason.REJECTED
        case _:
            return None


def _is_small(situation: Situation) -> bool:
    count = situation.record_count
    return count is not None and count <= situation.few_records
