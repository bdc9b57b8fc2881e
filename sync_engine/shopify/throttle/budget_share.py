"""This process's part of a bucket that other processes spend from too.

Calls are paid from points that were set aside in the common books. Where this process is the only
one, it sets aside more than the next call needs and looks into the books when that is used up, or
once a second; where it is not, before every call and after it.
"""

import asyncio
from collections.abc import Callable
from math import inf

import msgspec
import structlog

from sync_engine.model.clock import Clock
from sync_engine.model.errors import StoreUnavailableError, SyncError
from sync_engine.model.shop import BudgetLevel
from sync_engine.shopify.throttle.account import Account, Grant, Outcome, Visit, Wish
from sync_engine.shopify.throttle.ledger import Ledger
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.shared_books import SharedBooks

_TICK_SECONDS = 1.0
_POLL_SECONDS = 0.25
_MIN_PAUSE_SECONDS = 0.002
_FAILED_PAUSE_SECONDS = 1.0
_RACES = 20
_CLOSING_SECONDS = 2.0

log = structlog.get_logger(__name__)


class BudgetShare:
    """An allowance for a turnstile, and a ledger for its calls; the books are elsewhere."""

    def __init__(self, name: str, books: SharedBooks, clock: Clock) -> None:
        """Take the books; ``name`` tells this process from all others."""
        self._name = name
        self._books = books
        self._clock = clock
        self._on_news: Callable[[], None] = lambda: None
        self._seen: Ledger | None = None
        self._has_others = False
        self._must_return = False
        self._is_used = False
        self._credit = 0.0
        self._spoken_for = 0.0  # by calls under way, and by those whose outcome is not entered
        self._outcomes: list[tuple[float, Outcome]] = []
        self._wish: Wish | None = None
        self._granted: Wish | None = None
        self._closed_until = 0.0
        self._unsaid_closed_until = 0.0
        self._news = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    def tell(self, on_news: Callable[[], None]) -> None:
        """Call this whenever there may be room for a call that there was none for."""
        self._on_news = on_news

    @property
    def settled(self) -> float:
        """What was spent from the bucket by calls that are over, as far as it is known here."""
        return 0.0 if self._seen is None else self._seen.settled

    def level(self) -> BudgetLevel | None:
        """Return the bucket as it should stand now; None before the first answer."""
        level = None if self._seen is None else self._seen.level()
        if level is None:
            return None
        return msgspec.structs.replace(level, available=level.available + self._credit)

    def seconds_until(self, price: float, priority: Priority) -> float:
        """Return 0 where the call can be paid now; else it is seen to, and there will be news."""
        wait = self._closed_until - self._clock.monotonic_seconds()
        if wait > 0:
            return wait
        if self._can_pay(price, priority):
            return 0.0
        if self._wish is None or priority < self._wish.priority:
            self._wish = Wish(price=price, priority=priority)
            self._look_into_books()
        return inf

    def take(self, price: float) -> None:
        """Pay for a call, before it is sent."""
        self._credit -= price
        self._spoken_for += price
        self._granted = None
        self._is_used = True

    def give_back(self, price: float) -> None:
        """Put back what a call was to cost that was never sent."""
        self._spoken_for -= price
        self._credit += price

    def close_for(self, seconds: float) -> None:
        """Let nothing through for a time, in no process: Shopify said so."""
        until = self._clock.monotonic_seconds() + seconds
        self._closed_until = max(self._closed_until, until)
        self._unsaid_closed_until = self._closed_until
        self._look_into_books()

    def settle(
        self, price: float, *, spent: float, reported: BudgetLevel | None, settled_before: float
    ) -> None:
        """Close the books on a call; see ``Ledger.settle``."""
        if reported is None and spent == 0.0:
            self.give_back(price)
            return
        outcome = Outcome(
            price=price,
            spent=spent,
            reported=reported,
            settled_before=settled_before,
            seconds_ago=0.0,
        )
        self._outcomes.append((self._clock.monotonic_seconds(), outcome))
        if self._has_others or self._wish is not None or self._is_news(reported):
            self._look_into_books()

    async def close(self) -> None:
        """Give everything back, so that nobody has to take this process for dead."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._spoken_for or self._credit:
            self._wish, self._must_return = None, True
            try:
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await self._visit()
            except (SyncError, TimeoutError) as error:
                log.info("budget.not_given_back", reason=str(error))

    def _can_pay(self, price: float, priority: Priority) -> bool:
        if self._credit < price:
            return False
        granted = self._granted
        if granted is not None and price <= granted.price and priority <= granted.priority:
            return True
        level = self.level()
        if self._seen is None or level is None:
            return False
        return level.available >= min(price + self._seen.reserve(priority), level.maximum)

    def _is_news(self, reported: BudgetLevel | None) -> bool:
        known = self.level()
        return reported is not None and (
            known is None
            or known.maximum != reported.maximum
            or known.restores_per_second != reported.restores_per_second
        )

    def _look_into_books(self) -> None:
        self._news.set()
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep(), name="shared budget")

    async def _keep(self) -> None:
        """Look into the books as long as this process has to do with the bucket."""
        while True:
            self._news.clear()
            try:
                grant = await self._visit()
            except SyncError as error:
                log.warning("budget.books_unavailable", reason=str(error))
                grant = Grant(0.0, _FAILED_PAUSE_SECONDS)
            pause = self._pause(grant)
            if grant.points:
                self._wish = None
            self._on_news()
            if not (self._wish or self._credit or self._spoken_for or self._unsaid_closed_until):
                return
            await self._rest(pause)
            # Whoever waited may have given up, and somebody else wait: each says so again.
            self._wish = None
            self._on_news()

    def _pause(self, grant: Grant) -> float:
        if not grant.wait_seconds:
            return _TICK_SECONDS
        longest = _POLL_SECONDS if self._has_others else _TICK_SECONDS
        return min(max(grant.wait_seconds, _MIN_PAUSE_SECONDS), longest)

    async def _rest(self, seconds: float) -> None:
        rests = [
            asyncio.create_task(self._clock.sleep(seconds)),
            asyncio.create_task(self._news.wait()),
        ]
        try:
            await asyncio.wait(rests, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for rest in rests:
                rest.cancel()

    async def _visit(self) -> Grant:
        """Enter what has happened and take what is wanted, all at once.

        Raises:
            SyncError: the books cannot be had; nothing is lost but time.
        """
        began = self._clock.monotonic_seconds()
        keeps = self._is_used and self._wish is None and not self._must_return
        held = self._credit + self._spoken_for
        returned = 0.0 if keeps else self._credit
        outcomes, self._outcomes = self._outcomes, []
        closed_until, self._unsaid_closed_until = self._unsaid_closed_until, 0.0
        wish = self._wish
        self._credit -= returned
        self._is_used = False
        try:
            grant = await self._enter(
                Visit(
                    name=self._name,
                    held=held,
                    returned=returned,
                    outcomes=tuple(
                        msgspec.structs.replace(outcome, seconds_ago=began - at)
                        for at, outcome in outcomes
                    ),
                    closed_seconds=max(0.0, closed_until - began),
                    wish=wish,
                )
            )
        except BaseException:
            self._credit += returned
            self._outcomes = outcomes + self._outcomes
            self._unsaid_closed_until = max(self._unsaid_closed_until, closed_until)
            raise
        self._credit += grant.points
        self._granted = wish if grant.points else None
        self._spoken_for -= sum(outcome.price for _, outcome in outcomes)
        return grant

    async def _enter(self, visit: Visit) -> Grant:
        for _ in range(_RACES):
            books = await self._books.read()
            account = msgspec.convert(books.content or {}, Account)
            grant = account.receive(visit, books.now_seconds)
            if await self._books.write(msgspec.to_builtins(account), version=books.version):
                self._see(account, books.now_seconds)
                return grant
        raise StoreUnavailableError("others keep writing the same books")

    def _see(self, account: Account, now: float) -> None:
        """Remember the books until the next look, by this process's own clock."""
        entries = account.entries
        if entries is None:
            return
        ahead = self._clock.monotonic_seconds() - now
        self._seen = Ledger(
            self._clock,
            msgspec.structs.replace(
                entries,
                restored_at=entries.restored_at + ahead,
                reported_at=entries.reported_at + ahead,
                closed_until=entries.closed_until + ahead,
            ),
        )
        self._closed_until = max(self._closed_until, entries.closed_until + ahead)
        self._has_others = account.has_others(self._name, now)
        self._must_return = account.has_others_waiting(self._name, now)
