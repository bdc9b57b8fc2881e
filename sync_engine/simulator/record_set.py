"""All records of one kind in one shop: the generated ones under a layer of edits.

Records are found by index. Index order is also the order of ids and of creation. Nothing is held
but the edits, and, once somebody asks for records by their last change, eight bytes for each.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from sync_engine.simulator.search.lag import SearchLag


class Indexed(Protocol):
    """Any record that stands at an index of its own."""

    @property
    def index(self) -> int:
        """Position in the shop."""


T = TypeVar("T", bound=Indexed)


class _Edit(Struct, Generic[T], frozen=True):
    record: T | None
    created: int
    updated: int


class RecordSet(Generic[T]):
    """The records of one kind.

    Args:
        view: What other records' edits make of a record, applied whenever one is read.

    Attributes:
        lag: How far searches are behind; None if they are not.
        end: One above the highest index in use.
    """

    def __init__(
        self,
        count: int,
        make: Callable[[int], T],
        *,
        created: Callable[[int], int],
        updated: Callable[[int], int],
        view: Callable[[T], T] | None = None,
    ) -> None:
        self.base_count = count
        self.end = count
        self._version = 0
        self._make = make
        self._view = view
        self._created = created
        self._updated = updated
        self._edits: dict[int, _Edit[T]] = {}
        self._deleted = 0
        self._updated_sorted: tuple[array[int], array[int]] | None = None
        self.lag: SearchLag | None = None

    def __len__(self) -> int:
        return self.end - self._deleted

    def __iter__(self) -> Iterator[T]:
        return (record for index in range(self.end) if (record := self.get(index)) is not None)

    @property
    def version(self) -> tuple[int, int]:
        """Differs after every edit; whoever caches something derived keys it by this."""
        return self._version, 0 if self.lag is None else self.lag.pending()

    def get(self, index: int) -> T | None:
        """The record at an index; None if it is deleted or was never made."""
        edit = self._edits.get(index)
        if edit is not None:
            record = edit.record
        else:
            record = self._make(index) if 0 <= index < self.base_count else None
        if record is None or self._view is None:
            return record
        return self._view(record)

    def exists(self, index: int) -> bool:
        """Whether there is a record at an index, without making it."""
        edit = self._edits.get(index)
        if edit is not None:
            return edit.record is not None
        return 0 <= index < self.base_count

    def is_edited(self, index: int) -> bool:
        """Whether the record differs from the generated one, or is deleted."""
        return index in self._edits

    def edited_indexes(self) -> list[int]:
        """Indexes of all records that were edited, made or deleted."""
        return sorted(self._edits)

    def put(self, record: T, *, updated: int, created: int | None = None) -> None:
        """Replace a record, or add one at `end`."""
        index = record.index
        if created is None:
            created = self.created_at_seconds(index)
        exists = self.exists(index)
        if not exists and index < self.end:
            self._deleted -= 1
        if self.lag is not None:
            self.lag.note(index, updated, self.updated_at_seconds(index) if exists else None)
        self._edits[index] = _Edit(record, created, updated)
        self.end = max(self.end, index + 1)
        self._version += 1

    def delete(self, index: int) -> None:
        """Remove a record from every read; its index is never used again."""
        if self.exists(index):
            self._edits[index] = _Edit(None, self.created_at_seconds(index), 0)
            self._deleted += 1
            self._version += 1

    def clear_edits(self) -> None:
        """Go back to the generated records."""
        self._edits.clear()
        self._deleted = 0
        self.end = self.base_count
        self._version += 1

    def created_at_seconds(self, index: int) -> int:
        """When a record was created."""
        edit = self._edits.get(index)
        return self._created(index) if edit is None else edit.created

    def updated_at_seconds(self, index: int) -> int:
        """When a record was last changed, as far as searches know."""
        edit = self._edits.get(index)
        if edit is None:
            return self._updated(index)
        known = None if self.lag is None else self.lag.known_change(index)
        return edit.updated if known is None else known

    def is_hidden(self, index: int) -> bool:
        """Whether searches have not heard of a record yet."""
        return self.lag is not None and self.lag.is_hidden(index)

    def first_created_from(self, moment: int) -> int:
        """The lowest index whose record was created at this moment or later."""
        return bisect_left(range(self.end), moment, key=self.created_at_seconds)

    def updated_between(self, low: int, high: int) -> list[int]:
        """Indexes of existing records last changed in [low, high), by time, then by index."""
        times, indexes = self._sorted_by_update()
        left, right = bisect_left(times, low), bisect_left(times, high)
        edits = self._edits
        found = [
            (times[place], indexes[place])
            for place in range(left, right)
            if indexes[place] not in edits
        ]
        if edits:
            found += [
                (changed, index)
                for index, edit in edits.items()
                if edit.record is not None
                and low <= (changed := self.updated_at_seconds(index)) < high
                and not self.is_hidden(index)
            ]
            found.sort()
        return [index for _, index in found]

    def _sorted_by_update(self) -> tuple["array[int]", "array[int]"]:
        if self._updated_sorted is None:
            times = array("q", map(self._updated, range(self.base_count)))
            order = sorted(range(self.base_count), key=times.__getitem__)
            self._updated_sorted = (array("q", (times[i] for i in order)), array("q", order))
        return self._updated_sorted
