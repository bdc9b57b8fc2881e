"""Counts what is asked of Shopify, so that a run can say what it cost."""

import msgspec

from sync_engine.model.run import ApiUsage


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
