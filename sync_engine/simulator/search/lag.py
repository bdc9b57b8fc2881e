"""How far the search index is behind the records.

A changed record stays where it was in lists that are searched or sorted by last change, and a new
one is in no search, until the index has caught up. Reading a record by id is never late.

Source: users' reports of seconds of delay between a change and its being found.
"""

from collections.abc import Callable

from msgspec import Struct


class _Late(Struct, frozen=True):
    """What the index still holds: the last change that it knows of; None if it knows no record."""

    until: float
    known: int | None


class SearchLag:
    """The changes of one kind of records that the index has not seen."""

    def __init__(self, now: Callable[[], float], seconds: float) -> None:
        self.seconds = seconds
        self._now = now
        self._late: dict[int, _Late] = {}

    def note(self, index: int, changed: int, known: int | None) -> None:
        """A record was changed; `known` is the last change before that."""
        late = self._of(index)
        if late is not None:
            known = late.known
        self._late[index] = _Late(changed + self.seconds, known)

    def is_hidden(self, index: int) -> bool:
        """Whether the index has never heard of the record."""
        late = self._of(index)
        return late is not None and late.known is None

    def known_change(self, index: int) -> int | None:
        """The change that the index holds in place of the last one; None if it is up to date."""
        late = self._of(index)
        return None if late is None else late.known

    def pending(self) -> int:
        """How many changes the index has still to see."""
        return sum(self._of(index) is not None for index in list(self._late))

    def _of(self, index: int) -> _Late | None:
        late = self._late.get(index)
        if late is not None and late.until <= self._now():
            del self._late[index]
            return None
        return late
