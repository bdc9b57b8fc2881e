"""What happens in a shop, as whoever delivers webhooks needs to hear of it.

This is a seam: edits announce events here, subscriptions are kept in `webhooks`, and delivering the
one to the other is somebody else's work (register a listener).
"""

from collections.abc import Callable

from msgspec import Struct


class ShopEvent(Struct, frozen=True, kw_only=True):
    """Something that happened to a record.

    Attributes:
        topic: As webhooks spell it, e.g. `orders/updated`.
        resource: `order`, `product`, `customer`, or `refund` (with the order's id).
        at: Seconds since 1970.
    """

    topic: str
    resource: str
    id: int
    at: int


Listener = Callable[[ShopEvent], None]


class ShopEvents:
    """The events of one shop: remembered in order, and told to whoever listens."""

    def __init__(self) -> None:
        self.past: list[ShopEvent] = []
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every event from now on."""
        self._listeners.append(listener)

    def announce(self, event: ShopEvent) -> None:
        """Record an event and tell the listeners."""
        self.past.append(event)
        for listener in self._listeners:
            listener(event)

    def clear(self) -> None:
        """Forget the past; listeners stay."""
        self.past.clear()
