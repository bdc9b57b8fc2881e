"""Ids of our own documents: they sort by the time at which they were made."""

import secrets
from datetime import datetime


def new_id(now: datetime) -> str:
    """Return 28 hexadecimal digits: the milliseconds since 1970, then 64 random bits."""
    return f"{round(now.timestamp() * 1000):012x}{secrets.token_hex(8)}"
