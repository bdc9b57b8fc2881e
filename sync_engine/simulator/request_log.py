"""What was asked of the platform: a log of late requests, and counters of all of them.

Tests read it to prove that a client never had to be refused, resumed where it stopped, and so on.
"""

from collections import defaultdict, deque
from typing import Any

from msgspec import Struct, structs

_KEPT = 20_000


class RequestRecord(Struct, kw_only=True):
    """One request; filled while it is handled.

    Attributes:
        kind: graphql, bulk_submit, bulk_poll, download, rest or oauth.
        operation: Name of the GraphQL operation, REST path or OAuth grant.
        is_throttled: Refused by a rate limit, of the shop's own or by a fault.
        fault: Type of the action that hit it.
        range_start: First byte that a Range header asked for.
    """

    at: float
    shop: str
    kind: str
    method: str
    path: str
    operation: str = ""
    app: str = ""
    status: int = 0
    requested_cost: int | None = None
    actual_cost: int | None = None
    is_throttled: bool = False
    fault: str | None = None
    range_start: int | None = None
    bytes_sent: int = 0


class Counters(Struct):
    """Sums over the requests of one kind on one shop."""

    requests: int = 0
    throttled: int = 0
    refused: int = 0
    faults: int = 0
    bytes_sent: int = 0
    requested_cost: int = 0
    actual_cost: int = 0
    range_starts: list[int] = []

    def add(self, record: RequestRecord) -> None:
        """Count a request that is over."""
        self.requests += 1
        self.throttled += record.is_throttled
        self.refused += record.status >= 400  # noqa: PLR2004 - client and server errors
        self.faults += record.fault is not None
        self.bytes_sent += record.bytes_sent
        self.requested_cost += record.requested_cost or 0
        self.actual_cost += record.actual_cost or 0
        if record.range_start is not None:
            self.range_starts.append(record.range_start)


class RequestLog:
    """The log of all shops."""

    def __init__(self) -> None:
        self._records: deque[RequestRecord] = deque(maxlen=_KEPT)
        self._counters: defaultdict[tuple[str, str], Counters] = defaultdict(Counters)

    def close(self, record: RequestRecord) -> None:
        """Keep a request that is over."""
        self._records.append(record)
        self._counters[record.shop, record.kind].add(record)

    def counters(self, shop: str | None = None) -> dict[str, dict[str, dict[str, Any]]]:
        """Counters by shop and kind."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for (name, kind), counters in sorted(self._counters.items()):
            if shop in {None, name}:
                found.setdefault(name, {})[kind] = structs.asdict(counters)
        return found

    def requests(
        self, *, shop: str | None = None, kind: str | None = None, limit: int = 1000
    ) -> list[RequestRecord]:
        """The last requests that fit, oldest first."""
        fitting = [r for r in self._records if shop in {None, r.shop} and kind in {None, r.kind}]
        return fitting[-limit:]

    def clear(self) -> None:
        """Forget everything."""
        self._records.clear()
        self._counters.clear()
