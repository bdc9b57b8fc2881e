"""Counts what is asked of Shopify, so that a run can say what it cost."""

import msgspec

from sync_engine.model.run import ApiUsage
from sync_engine.model.telemetry import ShopifyApi, Telemetry


class Meter:
    """Adds up since the last time it was read."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._since = ApiUsage()

    def add(self, **amounts: float) -> None:
        """Add to counters, by the field names of ``ApiUsage``."""
        changed = {name: getattr(self._since, name) + amount for name, amount in amounts.items()}
        self._since = msgspec.structs.replace(self._since, **changed)

    def take(self) -> ApiUsage:
        """Return what was counted since the last call, and start again."""
        since, self._since = self._since, ApiUsage()
        return since

    def give_back(self, usage: ApiUsage) -> None:
        """Count again what was taken and could not be stored."""
        self.add(**msgspec.structs.asdict(usage))


class ApiMeter(Meter):
    """Counts what is asked of one API, in the meter of the work and in the telemetry."""

    def __init__(self, work: Meter, api: ShopifyApi, telemetry: Telemetry) -> None:
        """Take the meter of the work, which counts what is asked of the other APIs too."""
        super().__init__()
        self._work = work
        self._api = api
        self._telemetry = telemetry

    def add(self, **amounts: float) -> None:
        """Add to counters, by the field names of ``ApiUsage``."""
        self._work.add(**amounts)
        self._telemetry.shopify_used(self._api, amounts)

    def take(self) -> ApiUsage:
        """Return what the work has counted since the last call, and start again."""
        return self._work.take()

    def give_back(self, usage: ApiUsage) -> None:
        """Let the work count again what could not be stored; it was told of before."""
        self._work.give_back(usage)
