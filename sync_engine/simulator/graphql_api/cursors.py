"""Opaque cursors: where a page ended, in which list.

A cursor only fits the list that it came from: same field, same query, same sort key. It names the
record by its sort value and id, so it keeps its place when records come and go between pages.

Source: shopify.dev, "Paginating results with GraphQL".
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import blake2b

import msgspec

from sync_engine.simulator.graphql_api.errors import bad_request

_INVALID = "Invalid cursor for current pagination sort."


class Cursor(msgspec.Struct, frozen=True):
    """A place in a list."""

    last_id: int
    last_value: int | str
    list: str


def list_key(*parts: str) -> str:
    """A short name for one list: field, query and sort key."""
    return blake2b("\0".join(parts).encode(), digest_size=6).hexdigest()


def write_cursor(last_id: int, last_value: int | str, list_: str) -> str:
    """The cursor of a record."""
    payload = msgspec.json.encode(Cursor(last_id, last_value, list_))
    return urlsafe_b64encode(payload).decode()


def read_cursor(text: str, list_: str) -> Cursor:
    """The place that a cursor names.

    Raises:
        GraphQLError: It is no cursor, or one of another list.
    """
    try:
        cursor = msgspec.json.decode(urlsafe_b64decode(text.encode()), type=Cursor)
    except (Base64Error, ValueError, msgspec.MsgspecError) as error:
        raise bad_request(_INVALID) from error
    if cursor.list != list_:
        raise bad_request(_INVALID)
    return cursor
