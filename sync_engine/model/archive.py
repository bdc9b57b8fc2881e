"""Orders in the archive: which time each part of it covers, and how far its orders have moved."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

import msgspec

from sync_engine.model.records import Order

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_LONGER_THAN_A_MONTH = timedelta(days=32)


class ArchiveError(ValueError):
    """What was asked of the archive cannot be done; the text says why."""


class StoredOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order with the time at which this version of it was seen."""

    order: Order
    observed_at: datetime


class PartState(StrEnum):
    """How far the orders of a part have moved."""

    WRITING = "WRITING"
    """No file holds them yet."""
    MOVING = "MOVING"
    """A file holds them; some may still stand whole in MongoDB as well."""
    SETTLED = "SETTLED"
    """They have moved."""
    RESTORING = "RESTORING"
    """Some of them are back."""
    RESTORED = "RESTORED"
    """All of them are back, and stay until they are asked to move again."""


class ArchivePart(msgspec.Struct, frozen=True, kw_only=True):
    """The orders that were created in [created_from, created_until).

    No two parts of a shop overlap. ``file`` is the one that counts; ``others`` are names under
    which files may stand that do not. ``orders`` and ``size_bytes`` are the file's.
    """

    month: str
    number: int
    created_from: datetime
    created_until: datetime
    state: PartState = PartState.WRITING
    version: int = 0
    file: str | None = None
    others: tuple[str, ...] = ()
    orders: int = 0
    size_bytes: int = 0
    written_at: datetime | None = None

    @property
    def is_held(self) -> bool:
        """Whether its orders were asked back."""
        return self.state in {PartState.RESTORING, PartState.RESTORED}

    def covers(self, created_at: datetime) -> bool:
        """Whether an order that was created then belongs here."""
        return self.created_from <= created_at < self.created_until


def parse_month(text: str) -> str:
    """Read a month such as 2025-01.

    Raises:
        ArchiveError: it is none.
    """
    if not _MONTH.fullmatch(text):
        raise ArchiveError(f"{text[:40]!r} is not a month: give one such as 2025-01")
    return text


def due_before(now: datetime, zone: tzinfo, after_days: int) -> datetime:
    """Return the moment before which orders are to move: the start of a month in the shop's zone.

    A month is due when the last of its days is more than ``after_days`` days ago.
    """
    oldest_kept = now.astimezone(zone).date() - timedelta(days=after_days)
    return _start_of(oldest_kept.replace(day=1), zone)


def part_for(
    created_at: datetime, zone: tzinfo, before: datetime, parts: list[ArchivePart]
) -> ArchivePart:
    """Return the part to which an order belongs: the one that covers it, or a new one.

    A new part covers what no other does of the month, in the shop's zone, but ends at ``before``.
    """
    for part in parts:
        if part.covers(created_at):
            return part
    first = created_at.astimezone(zone).date().replace(day=1)
    next_month = (first + _LONGER_THAN_A_MONTH).replace(day=1)
    month = first.isoformat()[:7]
    starts = [part.created_until for part in parts if part.created_until <= created_at]
    ends = [part.created_from for part in parts if part.created_from > created_at]
    return ArchivePart(
        month=month,
        number=free_number(month, parts),
        created_from=max([_start_of(first, zone), *starts]),
        created_until=min([_start_of(next_month, zone), before, *ends]),
    )


def free_number(month: str, parts: list[ArchivePart]) -> int:
    """Return the number of the next part of a month."""
    return 1 + max((part.number for part in parts if part.month == month), default=0)


def _start_of(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
