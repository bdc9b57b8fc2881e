"""Rate limits: how much an app may ask of a shop.

Both are buckets of one app on one shop, driven by an injected clock. The GraphQL bucket starts full
of points and refills; the REST bucket starts empty and leaks.

Source: shopify.dev, "Shopify API limits" (restore and leak rates); sizes of the GraphQL bucket from
`throttleStatus` of real answers. Enterprise sizes and Advanced REST sizes follow the others' ratio.
"""

from collections.abc import Mapping
from math import ceil
from types import MappingProxyType

from msgspec import Struct


class PlanLimits(Struct, frozen=True):
    """What a plan allows: points and their restoring per second, calls and their leaking."""

    maximum_points: float
    restore_points_per_second: float
    maximum_calls: int
    leak_calls_per_second: float


PLANS: Mapping[str, PlanLimits] = MappingProxyType(
    {
        "standard": PlanLimits(2000.0, 100.0, 40, 2.0),
        "advanced": PlanLimits(4000.0, 200.0, 80, 4.0),
        "plus": PlanLimits(20_000.0, 1000.0, 400, 20.0),
        "enterprise": PlanLimits(40_000.0, 2000.0, 800, 40.0),
        "unmetered": PlanLimits(1e9, 1e9, 1_000_000, 1e6),
    }
)


class PointsBucket:
    """The GraphQL bucket: requests must find their requested cost in it."""

    def __init__(self, maximum: float, restore_rate: float, now: float) -> None:
        self.maximum = maximum
        self.restore_rate = restore_rate
        self._level = maximum
        self._at = now

    def available(self, now: float) -> float:
        """Points there are at a moment."""
        if now > self._at:
            self._level = min(self.maximum, self._level + (now - self._at) * self.restore_rate)
            self._at = now
        return self._level

    def take(self, points: float, now: float) -> bool:
        """Take points out, unless there are too few."""
        if self.available(now) < points:
            return False
        self._level -= points
        return True

    def give_back(self, points: float, now: float) -> None:
        """Put back what a request was charged and did not use."""
        self._level = min(self.maximum, self.available(now) + points)

    def resize(self, maximum: float, restore_rate: float, now: float) -> None:
        """Change the limits; the level keeps, as far as it fits."""
        self._level = min(maximum, self.available(now))
        self.maximum = maximum
        self.restore_rate = restore_rate

    def set_level(self, points: float, now: float) -> None:
        """Set what is available (for tests)."""
        self._at = now
        self._level = min(self.maximum, points)


class CallsBucket:
    """The REST bucket: each call fills it by one, and it leaks."""

    def __init__(self, maximum: int, leak_rate: float, now: float) -> None:
        self.maximum = maximum
        self.leak_rate = leak_rate
        self._level = 0.0
        self._at = now

    def level(self, now: float) -> float:
        """Calls in the bucket at a moment."""
        if now > self._at:
            self._level = max(0.0, self._level - (now - self._at) * self.leak_rate)
            self._at = now
        return self._level

    def take(self, now: float) -> bool:
        """Count a call, unless the bucket is full."""
        if self.level(now) + 1 > self.maximum:
            return False
        self._level += 1
        return True

    def header(self, now: float) -> str:
        """`X-Shopify-Shop-Api-Call-Limit`, e.g. `32/40`."""
        return f"{ceil(self.level(now))}/{self.maximum}"

    def retry_after(self, now: float) -> float:
        """Seconds until another call fits."""
        return max(0.0, self.level(now) + 1 - self.maximum) / self.leak_rate

    def resize(self, maximum: int, leak_rate: float, now: float) -> None:
        """Change the limits; the level keeps."""
        self._level = min(float(maximum), self.level(now))
        self.maximum = maximum
        self.leak_rate = leak_rate

    def set_level(self, calls: float, now: float) -> None:
        """Set how full the bucket is (for tests)."""
        self._at = now
        self._level = min(float(self.maximum), calls)
