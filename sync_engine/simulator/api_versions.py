"""Which API versions exist at a moment, and which one serves a request.

A version lives for a year; a new one comes each quarter. Whoever asks for one that has expired is
served by the oldest that is supported, silently.

Source: shopify.dev, "Shopify API versioning".
"""

import re
from datetime import UTC, datetime

from msgspec import Struct

_VERSION = re.compile(r"(\d{4})-(01|04|07|10)")
_SUPPORTED_QUARTERS = 4


class ApiVersion(Struct, frozen=True):
    """A version of the Admin API; `handle` is e.g. `2026-10`."""

    handle: str
    display_name: str
    is_supported: bool


def served_version(asked: str | None, now: float) -> str | None:
    """The version that answers a request, or None when there is no such version (404)."""
    supported = _supported(now)
    if asked is None or asked == "":
        return supported[0]
    if asked == "unstable" or asked in supported or asked == _candidate(now):
        return asked
    if _VERSION.fullmatch(asked) and asked < supported[0]:
        return supported[0]
    return None


def public_versions(now: float) -> list[ApiVersion]:
    """Supported versions, the release candidate and the unstable one."""
    candidate = _candidate(now)
    return [
        *(ApiVersion(handle, handle, is_supported=True) for handle in _supported(now)),
        ApiVersion(candidate, f"{candidate} (Release candidate)", is_supported=False),
        ApiVersion("unstable", "unstable", is_supported=False),
    ]


def _quarter(now: float) -> int:
    moment = datetime.fromtimestamp(now, UTC)
    return moment.year * 4 + (moment.month - 1) // 3


def _handle(quarter: int) -> str:
    return f"{quarter // 4:04d}-{quarter % 4 * 3 + 1:02d}"


def _supported(now: float) -> list[str]:
    latest = _quarter(now)
    return [_handle(latest - back) for back in range(_SUPPORTED_QUARTERS - 1, -1, -1)]


def _candidate(now: float) -> str:
    return _handle(_quarter(now) + 1)
