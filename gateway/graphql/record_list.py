"""Lists of stored records as connections: the same for every resource."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from gateway.graphql.paging import Connection, checked_first, page_of
from sync_engine.store.records.kind import FilterT, RecordT, SortT
from sync_engine.store.records.reader import RecordReader

ConnectionT = TypeVar("ConnectionT", bound=Connection[Any])


def record_list(
    connection_type: type[ConnectionT],
    reader: RecordReader[RecordT, FilterT, SortT],
    wanted: FilterT | None,
    convert: Callable[[RecordT], object],
    *,
    sort: SortT,
    reverse: bool,
    first: int,
    after: str | None,
) -> ConnectionT:
    """Return a page of the records that are wanted; nothing is read yet.

    Raises:
        BadUserInputError: the page is too large.
    """
    page = partial(
        reader.page, wanted, sort=sort, reverse=reverse, first=checked_first(first), after=after
    )
    return connection_type(page=page_of(page, convert), count=partial(reader.count, wanted))
