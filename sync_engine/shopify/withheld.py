"""Fields that Shopify keeps back from the app in an answer that is good otherwise.

Source: shopify.dev, "Work with protected customer data": a field that the app is not approved for
is null, with an error that has its path and no code; and "GraphQL Admin API: status and error
codes": likewise ACCESS_DENIED, where a scope is missing.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from sync_engine.shopify.unreadable import UNREADABLE

NOT_APPROVED = "not approved to "
"""In the message of every refusal for want of approval, which has no code."""


def withheld_fields(errors: object, raw_data: msgspec.Raw) -> frozenset[str] | None:
    """Return the fields of records that are kept back, as dotted paths below the record.

    None where the answer is not to be used: an error is about something else, or about a whole
    record or list, or the null in a field's place has taken its record with it.
    """
    try:
        data = msgspec.json.decode(raw_data)
    except UNREADABLE:
        return None
    if not isinstance(errors, list):
        return None
    fields = {_field(error, data) for error in errors}
    named = frozenset(field for field in fields if field is not None)
    return named if len(named) == len(fields) else None


def _field(error: object, data: Any) -> str | None:
    """Return the field of a record that the error is about; None where it is about none."""
    match error:
        case {"message": str(message), "path": [*path], **others} if _keeps_back(
            message, others.get("extensions")
        ):
            record_at = next((at for at, step in enumerate(path) if isinstance(step, int)), None)
        case _:
            return None
    if record_at is None or _value(data, path[: record_at + 1]) is None:
        return None
    steps = [step for step in path[record_at + 1 :] if isinstance(step, str)]
    return ".".join(steps) or None


def _keeps_back(message: str, extensions: object) -> bool:
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return code == "ACCESS_DENIED" or (code is None and NOT_APPROVED in message)


def _value(data: Any, path: Sequence[str | int]) -> Any:
    """Return what stands in the answer at this place; None where nothing does."""
    for step in path:
        try:
            data = data[step]
        except (LookupError, TypeError):
            return None
    return data
