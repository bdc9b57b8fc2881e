"""A bucket of points for each caller, as Shopify has one for each app and shop.

In the process's memory: another process has buckets of its own, and a restart fills them. What is
protected is this process, so nothing is asked of a database for it.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

_MAX_CALLERS = 10_000


@dataclass(slots=True)
class _Bucket:
    points: float
    at_seconds: float


class CostBuckets:
    """The buckets of all callers. Who has not called for long is forgotten, being full again."""

    def __init__(
        self, *, capacity: int, restore_per_second: int, monotonic_seconds: Callable[[], float]
    ) -> None:
        """Take the size of a bucket, how fast it fills, and what measures time."""
        self.capacity = capacity
        self.restore_per_second = restore_per_second
        self._monotonic_seconds = monotonic_seconds
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, caller: str, points: int) -> bool:
        """Take points if the bucket has as many; an operation dearer than a full one never runs."""
        bucket = self._filled(caller)
        if bucket.points < points:
            return False
        bucket.points -= points
        return True

    def give_back(self, caller: str, points: int) -> None:
        """Return points that were taken and not used."""
        bucket = self._filled(caller)
        bucket.points = min(self.capacity, bucket.points + points)

    def available(self, caller: str) -> int:
        """Return how many points a caller has, in whole ones."""
        return int(self._filled(caller).points)

    def seconds_until(self, caller: str, points: int) -> int:
        """Return after how many seconds a caller has as many points, if it takes none meanwhile."""
        missing = points - self._filled(caller).points
        return max(1, ceil(missing / self.restore_per_second))

    def _filled(self, caller: str) -> _Bucket:
        now = self._monotonic_seconds()
        bucket = self._buckets.get(caller)
        if bucket is None:
            bucket = self._buckets[caller] = _Bucket(self.capacity, now)
            if len(self._buckets) > _MAX_CALLERS:
                self._buckets.popitem(last=False)
            return bucket
        restored = (now - bucket.at_seconds) * self.restore_per_second
        bucket.points = min(self.capacity, bucket.points + restored)
        bucket.at_seconds = now
        self._buckets.move_to_end(caller)
        return bucket
