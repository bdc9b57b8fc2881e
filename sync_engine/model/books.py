"""A page that several processes write in turn."""

from typing import Any, NamedTuple


class Books(NamedTuple):
    """What is written: ``version`` grows with every change, the time is the same for everybody."""

    content: dict[str, Any] | None
    version: int
    now_seconds: float
