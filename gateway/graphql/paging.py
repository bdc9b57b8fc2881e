"""Connections: a list in pages, of which only what is selected is read.

The page is read when its edges, nodes or page info are asked for, once for all three; the total is
counted when it is asked for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Generic, TypeAlias, TypeVar

import strawberry

from gateway.graphql.describing import api_type
from gateway.graphql.errors import BadUserInputError
from gateway.graphql.scalars import BigInt
from sync_engine.model.paging import InvalidCursorError, Page, PageItem

_MAX_FIRST = 250

NodeT = TypeVar("NodeT")
ItemT = TypeVar("ItemT")

First: TypeAlias = Annotated[
    int, strawberry.argument(description=f"How many to return at most, 1 to {_MAX_FIRST}.")
]
After: TypeAlias = Annotated[
    str | None,
    strawberry.argument(
        description="The endCursor of the page before, or the cursor of any edge: the list goes "
        "on behind it. Good for the same sort order only."
    ),
]


@api_type
class PageInfo:
    """Where a page ends, and whether the list goes on."""

    has_next_page: bool = strawberry.field(description="Whether there is more behind this page.")
    end_cursor: str | None = strawberry.field(
        description="Pass it as `after` for the next page. Null when the page is empty."
    )


@api_type
class Edge(Generic[NodeT]):
    """An entry of a list and its place in it."""

    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this entry.")
    node: NodeT = strawberry.field(description="The entry itself.")


@api_type
class Connection(Generic[NodeT]):
    """One page of a list."""

    page: strawberry.Private["PageRead[NodeT]"]
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field
    async def edges(self) -> list[Edge[NodeT]]:
        """The entries of this page with their cursors."""
        page = await self.page.get()
        return [Edge(cursor=item.cursor, node=item.node) for item in page.items]

    @strawberry.field
    async def nodes(self) -> list[NodeT]:
        """The entries of this page."""
        page = await self.page.get()
        return [item.node for item in page.items]

    @strawberry.field
    async def page_info(self) -> PageInfo:
        """Where this page ends, and whether the list goes on."""
        page = await self.page.get()
        end = page.items[-1].cursor if page.items else None
        return PageInfo(has_next_page=page.has_next_page, end_cursor=end)

    @strawberry.field
    async def total_count(self) -> BigInt:
        """How many entries the whole list has. Counting takes time in long lists."""
        return BigInt(await self.count())


class PageRead(Generic[NodeT]):
    """A page that is read at most once, when somebody first asks for it."""

    def __init__(self, read: Callable[[], Awaitable[Page[NodeT]]]) -> None:
        """Take the way to the page."""
        self._read = read
        self._page: Page[NodeT] | None = None
        self._reading = asyncio.Lock()

    async def get(self) -> Page[NodeT]:
        """Return the page.

        Raises:
            BadUserInputError: the cursor is not one of this list and order.
        """
        async with self._reading:
            if self._page is None:
                try:
                    self._page = await self._read()
                except InvalidCursorError as error:
                    raise BadUserInputError(f"after: {error}.") from None
            return self._page


def page_of(
    read: Callable[[], Awaitable[Page[ItemT]]], convert: Callable[[ItemT], NodeT]
) -> PageRead[NodeT]:
    """Return a page of what the store gives, converted to what the API shows."""

    async def converted() -> Page[NodeT]:
        page = await read()
        return Page(
            items=tuple(PageItem(item.cursor, convert(item.node)) for item in page.items),
            has_next_page=page.has_next_page,
        )

    return PageRead(converted)


def checked_first(first: int) -> int:
    """Return the size of a page if it is one.

    Raises:
        BadUserInputError: it is outside the limits.
    """
    if not 1 <= first <= _MAX_FIRST:
        raise BadUserInputError(f"first: must be 1 to {_MAX_FIRST}, not {first}.")
    return first
