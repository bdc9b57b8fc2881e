"""A page of a long list, walked by keys and not by offsets."""

from typing import Generic, TypeVar

import msgspec

T_co = TypeVar("T_co", covariant=True)


class InvalidCursorError(ValueError):
    """The cursor was not made by this list, or was made for another sort order."""


class PageItem(msgspec.Struct, Generic[T_co], frozen=True):
    """An item and the opaque cursor after which the list goes on."""

    cursor: str
    node: T_co


class Page(msgspec.Struct, Generic[T_co], frozen=True, kw_only=True):
    """Some items of a list, in its order."""

    items: tuple[PageItem[T_co], ...]
    has_next_page: bool
