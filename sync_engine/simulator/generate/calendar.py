"""When things happened in a shop's history.

Records are spread over the history by their rank: denser towards the end (the shop grows) and
denser by day than by night. All arithmetic is +, -, * and / on floats and integers, which gives
the same seconds on every machine.
"""

from bisect import bisect_right
from datetime import UTC, datetime, time
from itertools import accumulate
from zoneinfo import ZoneInfo

from sync_engine.simulator.randomness import keyed
from sync_engine.simulator.spec import ShopSpec

DAY_SECONDS = 86_400

_GROWTH = 0.45
_SALT = 11
_HOURLY_WEIGHTS = (2, 1, 1, 1, 1, 2, 3, 5, 7, 8, 9, 9, 9, 8, 8, 8, 8, 8, 9, 10, 10, 8, 6, 4)
_CUMULATIVE = (0, *accumulate(_HOURLY_WEIGHTS))
_STEP = DAY_SECONDS / _CUMULATIVE[-1]


class Calendar:
    """Turns ranks into seconds since 1970."""

    def __init__(self, spec: ShopSpec) -> None:
        zone = ZoneInfo(spec.timezone)
        self.start = int(datetime.combine(spec.start, time(), zone).timestamp())
        self.end = int(datetime.combine(spec.end, time(), zone).timestamp())
        self._seed = spec.seed

    def moment(self, salt: int, rank: int, count: int) -> int:
        """When the record of a rank came to be; ascends with the rank."""
        scatter = keyed(self._seed, _SALT + salt, rank) / (1 << 64)
        return self.at((rank + 0.1 + 0.8 * scatter) / count)

    def at(self, share: float) -> int:
        """The moment by which this share (0 to 1) of all records exists."""
        warped = ((1 + _GROWTH) * share - _GROWTH * share * share) * (self.end - self.start)
        day, second = divmod(int(warped), DAY_SECONDS)
        return self.start + day * DAY_SECONDS + _by_daylight(second)


def utc(seconds: int) -> datetime:
    """Seconds since 1970 as an aware datetime."""
    return datetime.fromtimestamp(seconds, UTC)


def _by_daylight(second: int) -> int:
    weight = second / _STEP
    hour = min(bisect_right(_CUMULATIVE, weight) - 1, 23)
    inside = (weight - _CUMULATIVE[hour]) / _HOURLY_WEIGHTS[hour]
    return min(int((hour + inside) * 3600), DAY_SECONDS - 1)
