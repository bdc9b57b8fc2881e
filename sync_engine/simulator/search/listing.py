"""Finds the records that a search names and puts them in order.

A listing is a sequence of indexes. The last few listings are remembered, since a client asks for
the same one page by page; an edit of the shop makes them anew.
"""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from msgspec import Struct

from sync_engine.simulator.record_set import RecordSet
from sync_engine.simulator.search.conditions import Search
from sync_engine.simulator.search.field_kinds import Candidate
from sync_engine.simulator.search.periods import FOREVER

SortValue = int | str
SortRead = Callable[[int], SortValue]

_REMEMBERED = 24


class Listing(Struct, frozen=True):
    """Records in ascending order of a sort value, ties by index.

    Attributes:
        sort_value: Of the record at an index; what cursors hold.
        load: The record at an index, as the transports show it.
    """

    indexes: Sequence[int]
    sort_value: SortRead
    load: Callable[[int], Any]


class Sorting(Struct, frozen=True, kw_only=True):
    """How to sort: by index order, by last change, or by a value of each record."""

    name: str
    read: SortRead
    is_index_order: bool = False
    is_update_order: bool = False


class ListingMemory:
    """Remembers listings by what they depend on."""

    def __init__(self) -> None:
        self._listings: OrderedDict[Hashable, Sequence[int]] = OrderedDict()

    def recall(self, key: Hashable, make: Callable[[], Sequence[int]]) -> Sequence[int]:
        """The indexes remembered under a key, made if they are not."""
        found = self._listings.get(key)
        if found is None:
            found = self._listings[key] = make()
            if len(self._listings) > _REMEMBERED:
                self._listings.popitem(last=False)
        else:
            self._listings.move_to_end(key)
        return found


def matching(
    records: RecordSet[Any],
    search: Search | None,
    sorting: Sorting,
    *,
    load: Callable[[int], Any],
    created_from: int = -FOREVER,
) -> Sequence[int]:
    """Indexes of the records that match, in order.

    Records created before `created_from` do not exist for this caller.
    """
    created = (max(created_from, -FOREVER), FOREVER)
    updated = (-FOREVER, FOREVER)
    condition = None
    if search is not None:
        created = (max(created_from, search.created[0]), search.created[1])
        updated = search.updated
        condition = search.condition
    found = _candidates(records, created, updated, sorting)
    if search is not None and records.lag is not None:
        found = [index for index in found if not records.is_hidden(index)]
    if condition is not None:
        match = condition
        found = (index for index in found if match(Candidate(index, load)))
    if sorting.is_index_order or sorting.is_update_order:
        return found if isinstance(found, range) else array("q", found)
    return array("q", sorted(found, key=lambda index: (sorting.read(index), index)))


def _candidates(
    records: RecordSet[Any],
    created: tuple[int, int],
    updated: tuple[int, int],
    sorting: Sorting,
) -> Iterable[int]:
    low = 0 if created[0] == -FOREVER else records.first_created_from(created[0])
    high = records.end if created[1] == FOREVER else records.first_created_from(created[1])
    if updated != (-FOREVER, FOREVER) or sorting.is_update_order:
        found = [i for i in records.updated_between(*updated) if low <= i < high]
        return found if sorting.is_update_order else sorted(found)
    if len(records) == records.end:
        return range(low, max(low, high))
    return [index for index in range(low, high) if records.exists(index)]
