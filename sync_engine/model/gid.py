"""Shopify's global ids: ``gid://shopify/Order/123``."""

import re
from dataclasses import dataclass

_GID = re.compile(r"gid://shopify/([A-Za-z]+)/([0-9]+)(?:\?.*)?")
_MAX_ID = 2**63 - 1


class InvalidGidError(ValueError):
    """The text is not a global id, or not one of the expected type."""


@dataclass(frozen=True, slots=True)
class Gid:
    """A type name and the number that REST calls ``id`` and GraphQL ``legacyResourceId``."""

    type_name: str
    number: int

    def __str__(self) -> str:
        return f"gid://shopify/{self.type_name}/{self.number}"


def parse_gid(text: str, type_name: str | None = None) -> Gid:
    """Read a global id; parameters that Shopify appends to some (``?key=value``) are dropped.

    Raises:
        InvalidGidError: another shape, another type than asked for, or a number beyond 64 bits.
    """
    match = _GID.fullmatch(text)
    if match is None:
        message = f"{text[:80]!r} is not a Shopify id such as gid://shopify/Order/123"
        raise InvalidGidError(message)
    found, number = match[1], int(match[2])
    if type_name is not None and found != type_name:
        message = f"{text[:80]!r} is the id of a {found}, not of a {type_name}"
        raise InvalidGidError(message)
    if number > _MAX_ID:
        message = f"{text[:80]!r} has a number beyond 64 bits"
        raise InvalidGidError(message)
    return Gid(found, number)


def gid_number(text: str) -> int:
    """Return the number of a global id that Shopify itself sent; the fast path of the mappers.

    Raises:
        ValueError: there is no number in it, or one beyond 64 bits.
    """
    digits = text[text.rindex("/") + 1 :]
    if not digits.isdigit():
        digits = digits.partition("?")[0]
    number = int(digits)
    if number > _MAX_ID or not digits.isdigit():
        message = f"{text[:80]!r} is not a Shopify id"
        raise InvalidGidError(message)
    return number
