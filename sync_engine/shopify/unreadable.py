"""What somebody else wrote and we cannot read: the errors of it, and the reject made of it."""

import msgspec

from sync_engine.model.batch import Reject
from sync_engine.model.gid import Gid
from sync_engine.model.sync_enums import SyncErrorCode

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""Not JSON or of another shape, not UTF-8, nested too deep: each comes as an error of its own."""

UNMAPPABLE = (*UNREADABLE, ValueError)
"""Unreadable, or read and not what a record can be made of."""


class _Identified(msgspec.Struct):
    id: str | int


def unreadable(raw: bytes | msgspec.Raw, error: Exception, *, type_name: str) -> Reject:
    """Return the reject, with the record's id where that much can be read."""
    payload, resource_id = bytes(raw), None
    try:
        found = msgspec.json.decode(payload, type=_Identified).id
    except UNREADABLE:
        pass
    else:
        resource_id = found if isinstance(found, str) else str(Gid(type_name, found))
    return Reject(
        code=SyncErrorCode.MALFORMED_RECORD,
        message=f"{resource_id or f'a {type_name.lower()}'} cannot be read: {str(error)[:300]}",
        resource_id=resource_id,
        payload=payload.decode(errors="replace"),
    )
