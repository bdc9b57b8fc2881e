"""The books of a bucket that several processes spend from: one set for all of them. Pure.

A process sets points aside before it spends them, for one call or for some to come, and gives
back what it does not need. To the ledger all that processes hold is in flight, and so its
arithmetic holds for all of them together. What a process held that died counts as spent.

While somebody waits for more than there is, whoever comes later leaves it to them: higher
priorities go first, and whoever has waited for long goes before all.
"""

from typing import NamedTuple

import msgspec

from sync_engine.model.shop import BudgetLevel
from sync_engine.shopify.throttle.ledger import Entries, Ledger
from sync_engine.shopify.throttle.priority import Priority

_DEAD_SECONDS = 60.0  # longer than any call takes
_OUTDATED_SECONDS = 3600.0
_ACTIVE_SECONDS = 10.0
_WAITS_SECONDS = 2.0  # whoever waits says so again well before
_PATIENCE_SECONDS = 10.0
_DOUBTFUL_SECONDS = 0.05  # what lies between two clocks and two processes
_SHARE_FOR_LATER = 0.5


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A call that waits for its price."""

    price: float
    priority: Priority


class Member(msgspec.Struct, kw_only=True):
    """A process that spends from the bucket."""

    name: str
    seen_at: float
    held: float = 0.0
    wish: Wish | None = None
    waits_since: float = 0.0

    def rank(self, now: float) -> tuple[int, float, str]:
        """Return who goes first of those who wait: the lowest."""
        has_waited_long = now - self.waits_since > _PATIENCE_SECONDS
        priority = -1 if has_waited_long or self.wish is None else int(self.wish.priority)
        return priority, self.waits_since, self.name


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a call; arguments as of ``Ledger.settle``."""

    price: float
    spent: float
    reported: BudgetLevel | None
    settled_before: float
    seconds_ago: float


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What a process brings and wants; ``held`` is what it has set aside before it gives back."""

    name: str
    held: float
    returned: float
    outcomes: tuple[Outcome, ...]
    closed_seconds: float
    wish: Wish | None


class Grant(NamedTuple):
    """What a process gets; with 0 points, in how many seconds it is worth to come again."""

    points: float
    wait_seconds: float


class Account(msgspec.Struct, kw_only=True):
    """A bucket's books; times are in seconds of the clock that all processes share."""

    entries: Entries | None = None
    members: list[Member] = []

    def has_others(self, name: str, now: float) -> bool:
        """Whether another process has been here of late."""
        return any(
            each.name != name and now - each.seen_at < _ACTIVE_SECONDS for each in self.members
        )

    def has_others_waiting(self, name: str, now: float) -> bool:
        """Whether another process waits for points."""
        return any(each.name != name for each in self._waiting(now))

    def receive(self, visit: Visit, now: float) -> Grant:
        """Enter what a process brings, and give it what it wants if it may have that now."""
        ledger = self._ledger(now)
        member = self._member(visit.name, now)
        self._bury(ledger, now)
        _reconcile(ledger, member, visit.held)
        _put_back(ledger, member, visit.returned)
        for outcome in visit.outcomes:
            ledger.settle(
                outcome.price,
                spent=outcome.spent,
                reported=_as_of_now(outcome.reported, outcome.seconds_ago),
                settled_before=outcome.settled_before,
            )
            member.held -= outcome.price
        if visit.closed_seconds > 0:
            ledger.close_for(visit.closed_seconds)
        grant = self._serve(ledger, member, visit.wish, now)
        self.entries = ledger.entries
        return grant

    def _serve(self, ledger: Ledger, member: Member, wish: Wish | None, now: float) -> Grant:
        if wish is None:
            member.wish = None
            return Grant(0.0, 0.0)
        if member.wish is None:
            member.waits_since = now
        member.wish = wish
        ledger.entries.calls_in_flight = sum(each.held > 0 for each in self.members)
        ahead = sum(
            each.wish.price
            for each in self._waiting(now)
            if each.wish is not None and each.rank(now) < member.rank(now)
        )
        seconds = ledger.seconds_until(wish.price + ahead, wish.priority)
        if seconds > 0:
            return Grant(0.0, seconds)
        points = wish.price + self._for_later(ledger, member, wish, now)
        ledger.take(points)
        member.held += points
        member.wish = None
        return Grant(points, 0.0)

    def _for_later(self, ledger: Ledger, member: Member, wish: Wish, now: float) -> float:
        """Return what a process may hold for calls to come, where it has the bucket for itself."""
        level = ledger.level()
        if level is None or self.has_others(member.name, now):
            return 0.0
        spare = level.available - wish.price - ledger.reserve(Priority.INITIAL)
        return max(0.0, spare * _SHARE_FOR_LATER)

    def _waiting(self, now: float) -> list[Member]:
        return [
            each
            for each in self.members
            if each.wish is not None and now - each.seen_at < _WAITS_SECONDS
        ]

    def _ledger(self, now: float) -> Ledger:
        entries = self.entries
        if entries is not None and now - entries.restored_at > _OUTDATED_SECONDS:
            entries = None  # the shop may have another plan by now
        if entries is not None and entries.restored_at > now:  # the clock was put back
            seconds = entries.restored_at - now
            entries.restored_at -= seconds
            entries.reported_at -= seconds
            entries.closed_until -= seconds
            for each in self.members:
                each.seen_at -= seconds
                each.waits_since -= seconds
        return Ledger(_Moment(now), entries, doubtful_seconds=_DOUBTFUL_SECONDS)

    def _member(self, name: str, now: float) -> Member:
        for each in self.members:
            if each.name == name:
                each.seen_at = now
                return each
        member = Member(name=name, seen_at=now)
        self.members.append(member)
        return member

    def _bury(self, ledger: Ledger, now: float) -> None:
        dead = [each for each in self.members if now - each.seen_at > _DEAD_SECONDS]
        for each in dead:
            ledger.settle(each.held, spent=each.held, reported=None, settled_before=ledger.settled)
            self.members.remove(each)


class _Moment:
    """A stopwatch that stands."""

    def __init__(self, now: float) -> None:
        self._now = now

    def monotonic_seconds(self) -> float:
        """Return the moment."""
        return self._now


def _reconcile(ledger: Ledger, member: Member, held: float) -> None:
    """Believe a process as to what it holds: what it was told last may not have reached it."""
    if held > member.held:
        ledger.take(held - member.held)
        member.held = held
    _put_back(ledger, member, member.held - held)


def _put_back(ledger: Ledger, member: Member, points: float) -> None:
    if points > 0:
        ledger.give_back(points)
        member.held -= points


def _as_of_now(reported: BudgetLevel | None, seconds_ago: float) -> BudgetLevel | None:
    if reported is None:
        return None
    restored = reported.available + seconds_ago * reported.restores_per_second
    return msgspec.structs.replace(reported, available=min(reported.maximum, restored))
