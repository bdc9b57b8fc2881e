"""Opaque cursors: where a sorted list goes on, tied to its sort order."""

import base64
from typing import Any

import bson
import msgspec
from bson.errors import BSONError

from sync_engine.model.paging import InvalidCursorError
from sync_engine.store.codec import CODEC_OPTIONS


class Position(msgspec.Struct, frozen=True, array_like=True):
    """The sort value and the id of the last item that was seen."""

    sort: str
    value: Any
    id: int | str


def write_cursor(position: Position) -> str:
    """Return the position as text that is safe in a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).rstrip(b"=").decode()


def read_cursor(text: str, *, sort: str, value_type: type, id_type: type) -> Position:
    """Read a cursor back.

    Raises:
        InvalidCursorError: it is not one of ours, or was made under another sort order.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        position = msgspec.json.decode(raw, type=Position)
        value: Any = msgspec.convert(position.value, value_type)
        number: Any = msgspec.convert(position.id, id_type)
        # A forged cursor may hold what MongoDB has no place for; then it is refused here already.
        bson.encode({"value": value, "id": number}, codec_options=CODEC_OPTIONS)
    except (ValueError, ArithmeticError, msgspec.MsgspecError, BSONError) as error:
        message = "the cursor is not one that this list gave out: pass pageInfo.endCursor unchanged"
        raise InvalidCursorError(message) from error
    if position.sort != sort:
        message = "the cursor was made under another sort order: start again without it"
        raise InvalidCursorError(message)
    return Position(sort, value, number)


def after_position(
    field: str, id_field: str, position: Position, *, reverse: bool
) -> dict[str, Any]:
    """Return the condition for what comes after the position, in a form that an index serves.

    The range on the sort field bounds the scan; the rest only decides among equal values.
    """
    beyond = "$lt" if reverse else "$gt"
    return {
        field: {f"{beyond}e": position.value},
        "$or": [
            {field: {beyond: position.value}},
            {field: position.value, id_field: {beyond: position.id}},
        ],
    }
