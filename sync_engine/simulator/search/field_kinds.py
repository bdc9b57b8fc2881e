"""The kinds of search fields and how each of them compares.

A field reads its value from a candidate and turns a term into a condition, or into None when it
cannot make sense of the term's value.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from sync_engine.simulator.search.periods import read_period
from sync_engine.simulator.search.syntax import Term


class Candidate:
    """A record under examination, made only if a condition asks for it."""

    __slots__ = ("_load", "_record", "index")

    def __init__(self, index: int, load: Callable[[int], Any]) -> None:
        self.index = index
        self._load = load
        self._record: Any = None

    @property
    def record(self) -> Any:
        """The record itself."""
        if self._record is None:
            self._record = self._load(self.index)
        return self._record


Condition = Callable[[Candidate], bool]


class SearchContext(Struct, frozen=True, kw_only=True):
    """What the meaning of a value depends on besides the value.

    Attributes:
        now: Seconds since 1970.
        is_after_exclusive: Whether `>` excludes the whole second, as from version 2026-10 on.
    """

    zone: ZoneInfo
    now: int
    is_after_exclusive: bool


class TimeField(Struct, frozen=True, kw_only=True):
    """A moment.

    Attributes:
        read: Seconds since 1970; None never matches.
        window: The index that narrows the search by this field: `created`, `updated` or none.
        is_whole_day: The field only tells days apart; both ends of a range count entirely.
    """

    read: Callable[[Candidate], int | None]
    window: str | None = None
    is_whole_day: bool = False

    def bounds(self, term: Term, context: SearchContext) -> tuple[int, int] | None:
        """What times match, from the first number to before the second."""
        period = read_period(
            term.value, is_quoted=term.is_quoted, zone=context.zone, now=context.now
        )
        if period is None:
            return None
        if self.is_whole_day:
            comparator = {">": ">=", "<": "<="}.get(term.comparator, term.comparator)
            return period.whole_days(context.zone).bounds(comparator, is_after_exclusive=True)
        return period.bounds(term.comparator, is_after_exclusive=context.is_after_exclusive)

    def condition(self, term: Term, context: SearchContext) -> Condition | None:
        """Whether the moment lies within the term's bounds."""
        bounds = self.bounds(term, context)
        if bounds is None:
            return None
        low, high = bounds
        read = self.read

        def match(candidate: Candidate) -> bool:
            moment = read(candidate)
            return moment is not None and low <= moment < high

        return match


class NumberField(Struct, frozen=True):
    """A number: count, amount or id."""

    read: Callable[[Candidate], Decimal | int | None]

    def condition(self, term: Term, _context: SearchContext) -> Condition | None:
        """Whether the number compares as the term says; values may be a comma-separated list."""
        try:
            wanted = [Decimal(part.strip()) for part in term.value.split(",")]
        except InvalidOperation:
            return None
        read, comparator = self.read, term.comparator

        def match(candidate: Candidate) -> bool:
            value = read(candidate)
            return value is not None and any(_compares(value, comparator, w) for w in wanted)

        return match


class BooleanField(Struct, frozen=True):
    """A yes or no."""

    read: Callable[[Candidate], bool]

    def condition(self, term: Term, _context: SearchContext) -> Condition | None:
        """Whether the value is the term's `true` or `false`."""
        wanted = {"true": True, "false": False}.get(term.value.lower())
        if wanted is None:
            return None
        read = self.read
        return lambda candidate: read(candidate) is wanted


class TextField(Struct, frozen=True, kw_only=True):
    """Words, compared without regard to case; `value*` matches beginnings, `*` anything.

    Attributes:
        is_tokenized: Unquoted values match any single word of the text, as in titles and names.
        groups: Values that stand for several others.
    """

    read: Callable[[Candidate], Iterable[str | None]]
    is_tokenized: bool = False
    groups: dict[str, frozenset[str]] = {}
    accepted: frozenset[str] | None = None

    def condition(self, term: Term, _context: SearchContext) -> Condition | None:
        """Whether any of the texts is one of the term's comma-separated values."""
        values = [term.value] if term.is_quoted else term.value.split(",")
        wanted = {value.strip().casefold() for value in values}
        if self.accepted is not None and not wanted <= self.accepted:
            return None
        if "any" in wanted and self.accepted is not None:
            return lambda _candidate: True
        exact = {value for value in wanted if not value.endswith("*")}
        for value in tuple(exact):
            exact |= self.groups.get(value, frozenset())
        prefixes = tuple(value[:-1] for value in wanted if value.endswith("*"))
        fits = _word_fits if self.is_tokenized else _text_fits

        def match(candidate: Candidate) -> bool:
            texts = (text.casefold() for text in self.read(candidate) if text is not None)
            return any(fits(text, exact, prefixes) for text in texts)

        return match


def _text_fits(text: str, exact: set[str], prefixes: tuple[str, ...]) -> bool:
    return text in exact or text.startswith(prefixes)


def _word_fits(text: str, exact: set[str], prefixes: tuple[str, ...]) -> bool:
    if _text_fits(text, exact, prefixes):
        return True
    if any(_text_fits(word, exact, prefixes) for word in text.split()):
        return True
    return any(" " in value and value in text for value in exact)


SearchField = TimeField | NumberField | BooleanField | TextField


class SearchTable(Struct, frozen=True, kw_only=True):
    """The fields that one `query` argument knows.

    Attributes:
        unsimulated: Fields that Shopify knows and the simulator refuses rather than ignores.
        default: What a bare word is compared with.
    """

    name: str
    fields: dict[str, SearchField]
    unsimulated: frozenset[str]
    default: TextField


def seconds(moment: datetime | None) -> int | None:
    """An aware datetime as seconds since 1970."""
    return None if moment is None else int(moment.timestamp())


def _compares(value: Decimal | int, comparator: str, wanted: Decimal) -> bool:
    match comparator:
        case ">":
            return value > wanted
        case ">=":
            return value >= wanted
        case "<":
            return value < wanted
        case "<=":
            return value <= wanted
        case _:
            return value == wanted
