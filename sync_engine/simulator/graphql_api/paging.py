"""Connections: a list, and the page of it that `first`, `last`, `after` and `before` cut out.

Source: shopify.dev, "Paginating results with GraphQL"; the messages for missing and double bounds
were seen in answers of a real store.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from sync_engine.simulator.graphql_api.cursors import read_cursor, write_cursor
from sync_engine.simulator.graphql_api.errors import bad_request
from sync_engine.simulator.search.listing import Listing
from sync_engine.simulator.shop import RecordGoneError

MAX_PAGE = 250


class Paging(Struct, frozen=True, kw_only=True):
    """The paging arguments of a connection, checked."""

    first: int | None
    last: int | None
    after: str | None
    before: str | None
    is_reverse: bool

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> "Paging":
        """Check the arguments of a connection.

        Raises:
            GraphQLError: Neither or both of `first` and `last`, or a number out of bounds.
        """
        first, last = arguments.get("first"), arguments.get("last")
        if first is None and last is None:
            message = "you must provide one of first or last"
            raise bad_request(message)
        if first is not None and last is not None:
            message = "providing both first and last is not supported"
            raise bad_request(message)
        for name, value in (("first", first), ("last", last)):
            if value is not None and value > MAX_PAGE:
                message = f"{name} cannot exceed {MAX_PAGE}"
                raise bad_request(message)
            if value is not None and value < 0:
                message = f"{name} cannot be negative"
                raise bad_request(message)
        return cls(
            first=first,
            last=last,
            after=arguments.get("after"),
            before=arguments.get("before"),
            is_reverse=bool(arguments.get("reverse")),
        )

    @property
    def is_from_start(self) -> bool:
        """Whether no cursor bounds the page."""
        return self.after is None and self.before is None


class Edge(Struct, frozen=True, gc=False):
    """A node with its place in the list."""

    node: Any
    last_id: int
    last_value: int | str
    list: str

    @property
    def cursor(self) -> str:
        """The opaque form of the place."""
        return write_cursor(self.last_id, self.last_value, self.list)


class Page(Struct, frozen=True):
    """A part of a list."""

    edges: Sequence[Edge]
    has_next: bool
    has_previous: bool

    @property
    def nodes(self) -> list[Any]:
        """The nodes alone."""
        return [edge.node for edge in self.edges]

    @property
    def start_cursor(self) -> str | None:
        """Cursor of the first node."""
        return self.edges[0].cursor if self.edges else None

    @property
    def end_cursor(self) -> str | None:
        """Cursor of the last node."""
        return self.edges[-1].cursor if self.edges else None


class Collection(Protocol):
    """A list behind a connection: pages for GraphQL, every node for bulk exports."""

    def page(self, paging: Paging) -> Page:
        """Cut out a page."""

    def nodes(self, *, is_reverse: bool) -> Iterator[Any]:
        """All nodes in order."""


class SequenceCollection:
    """A list that is at hand: the lines of an order, the variants of a product."""

    def __init__(self, name: str, items: Sequence[Any], key: Callable[[Any], int]) -> None:
        self._items = items
        self._key = key
        self._name = name

    def page(self, paging: Paging) -> Page:
        """Cut out a page."""
        items = self._items[::-1] if paging.is_reverse else self._items
        total = len(items)
        if paging.is_from_start and paging.first is not None and paging.first >= total:
            return Page([self._edge(place, item) for place, item in enumerate(items)], False, False)
        start, stop = 0, total
        if paging.after is not None:
            start = int(read_cursor(paging.after, self._name).last_value) + 1
        if paging.before is not None:
            stop = min(stop, int(read_cursor(paging.before, self._name).last_value))
        start, stop = _cut(start, stop, paging)
        edges = [self._edge(place, items[place]) for place in range(start, stop)]
        return Page(edges, stop < total, start > 0)

    def nodes(self, *, is_reverse: bool) -> Iterator[Any]:
        """All nodes in order."""
        return iter(self._items[::-1] if is_reverse else self._items)

    def _edge(self, place: int, item: Any) -> Edge:
        return Edge(item, self._key(item), place, self._name)


class ListingCollection:
    """A searched and sorted list of a shop's records.

    Args:
        deepest: Pages that start behind so many records are refused. How Shopify words that is
            not known.
    """

    def __init__(
        self, name: str, listing: Listing, ids: Callable[[int], int], deepest: int | None = None
    ) -> None:
        self._name = name
        self._deepest = deepest
        self._listing = listing
        self._ids = ids

    def page(self, paging: Paging) -> Page:
        """Cut out a page."""
        listing = self._listing
        total = len(listing.indexes)
        start, stop = 0, total
        if paging.after is not None:
            start = self._place(paging.after, paging, after=True)
        if paging.before is not None:
            stop = self._place(paging.before, paging, after=False)
        start, stop = _cut(start, stop, paging)
        if self._deepest is not None and start >= self._deepest:
            message = f"pagination is limited to {self._deepest} objects"
            raise bad_request(message)
        places = range(start, stop)
        if paging.is_reverse:
            places = range(total - 1 - start, total - 1 - stop, -1)
        edges = [self._edge(listing.indexes[place]) for place in places]
        return Page(edges, stop < total, start > 0)

    def nodes(self, *, is_reverse: bool) -> Iterator[Any]:
        """All nodes in order."""
        indexes = self._listing.indexes
        for index in reversed(indexes) if is_reverse else indexes:
            try:
                yield self._listing.load(index)
            except RecordGoneError:  # deleted since the list was made
                continue

    def _edge(self, index: int) -> Edge:
        value = self._listing.sort_value(index)
        return Edge(self._listing.load(index), self._ids(index), value, self._name)

    def _place(self, text: str, paging: Paging, *, after: bool) -> int:
        cursor = read_cursor(text, self._name)
        indexes = self._listing.indexes
        key = (cursor.last_value, cursor.last_id)
        is_behind = after is not paging.is_reverse
        place = _bisect(indexes, key, self._listing.sort_value, self._ids, is_behind=is_behind)
        return len(indexes) - place if paging.is_reverse else place


def _bisect(
    indexes: Sequence[int],
    key: tuple[int | str, int],
    value: Callable[[int], int | str],
    ids: Callable[[int], int],
    *,
    is_behind: bool,
) -> int:
    low, high = 0, len(indexes)
    while low < high:
        middle = (low + high) // 2
        found = (value(indexes[middle]), ids(indexes[middle]))
        if found < key or (is_behind and found == key):
            low = middle + 1
        else:
            high = middle
    return low


def _cut(start: int, stop: int, paging: Paging) -> tuple[int, int]:
    stop = max(start, stop)
    if paging.first is not None:
        return start, min(stop, start + paging.first)
    return max(start, stop - (paging.last or 0)), stop
