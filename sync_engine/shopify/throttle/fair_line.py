"""The line of one priority: first come first served, and no flow more than its share.

Start-time fair queueing: every flow carries a tag that grows by the price of what it is served, and
the flow with the smallest goes next. A flow that has used little goes before one that has used
much, whatever number of calls either lets wait. A flow that was silent begins at the smallest tag
that waits, so that nobody saves up turns. And lest a stream of new flows keeps an old one
waiting for ever, a call goes next when later ones that passed it have had ten times its price.

Source: Goyal, Vin, Cheng: "Start-time Fair Queuing", SIGCOMM 1996.
"""

from collections import deque
from collections.abc import Hashable

from sync_engine.shopify.throttle.waiter import Waiter

_PATIENCE_PRICES = 10.0


class FairLine:
    """Calls of one priority, by flow."""

    def __init__(self) -> None:
        """Begin empty."""
        self._flows: dict[Hashable, deque[tuple[int, Waiter]]] = {}
        self._tags: dict[Hashable, float] = {}
        self._smallest_tag = 0.0
        self._joined = 0

    def __bool__(self) -> bool:
        return bool(self._flows)

    def join(self, waiter: Waiter) -> None:
        """Put a call behind the others of its flow."""
        flow = waiter.flow
        self._joined += 1
        if flow not in self._flows:
            self._flows[flow] = deque()
            self._tags[flow] = max(self._smallest_tag, self._tags.get(flow, 0.0))
        self._flows[flow].append((self._joined, waiter))

    def leave(self, waiter: Waiter) -> None:
        """Take a call out that does not want its turn any more, or has it."""
        calls = self._flows[waiter.flow]
        calls.remove(next(call for call in calls if call[1] is waiter))
        if not calls:
            del self._flows[waiter.flow]

    def in_order(self) -> list[Waiter]:
        """Return the first call of every flow, in the order in which the flows are to be served."""
        first = []
        for flow, calls in self._flows.items():
            number, waiter = calls[0]
            is_patient = waiter.passed_by < waiter.price * _PATIENCE_PRICES
            first.append((is_patient, self._tags[flow] if is_patient else 0.0, number, waiter))
        return [entry[-1] for entry in sorted(first, key=lambda entry: entry[:-1])]

    def serve(self, waiter: Waiter) -> None:
        """Let a call, the first of its flow, have its turn."""
        served = self._flows[waiter.flow][0][0]
        for calls in self._flows.values():
            number, first = calls[0]
            if number < served:
                first.passed_by += waiter.price
        smallest = self._smallest_tag = min(self._tags[flow] for flow in self._flows)
        self._tags[waiter.flow] += waiter.price
        self.leave(waiter)
        self._tags = {f: tag for f, tag in self._tags.items() if f in self._flows or tag > smallest}
