"""JSON as Shopify writes it: moments in UTC with a `Z`, no spaces, non-ASCII as it is."""

from typing import Any

import orjson

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


def to_json(value: Any) -> bytes:
    """JSON bytes of plain values and aware datetimes."""
    return orjson.dumps(value, option=_OPTIONS)
