"""The shop's calendar: which zone its days are of, and the periods of a report."""

from datetime import UTC, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=1_000)
def zone_of(iana_timezone: str) -> tzinfo:
    """Return the zone of that name; UTC for one that the zone database does not know."""
    try:
        return ZoneInfo(iana_timezone)
    except (KeyError, ValueError, OSError):  # unknown, malformed, or the name of a folder
        return UTC
