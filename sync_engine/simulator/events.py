"""What happens in a shop, as whoever delivers webhooks needs to hear of it.

Edits announce events, and one call of `commit` tells the listeners of all that belongs to one
action: only then are all its records written.
"""

from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import Any
from uuid import UUID

from msgspec import Struct, structs


class ShopEvent(Struct, frozen=True, kw_only=True):
    """Something that happened to a record, to the shop, or to an app's installation.

    Attributes:
        topic: As webhooks spell it, e.g. `orders/updated`.
        resource: `order`, `product`, `customer`, `refund` (with the order's id), `shop`, `app`, or
            `bulk_operation`.
        at: Seconds since 1970.
        event_id: Shared by all events of one action.
        app: Whom alone it concerns, if not every app.
        detail: What the record itself does not tell (any more).
    """

    topic: str
    resource: str
    id: int
    at: int
    event_id: str = ""
    app: str | None = None
    detail: Mapping[str, Any] | None = None


Listener = Callable[[ShopEvent], None]


class ShopEvents:
    """The events of one shop: remembered in order, and told to whoever listens."""

    def __init__(self) -> None:
        self.past: list[ShopEvent] = []
        self._listeners: list[Listener] = []
        self._untold: list[ShopEvent] = []

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every event from now on."""
        self._listeners.append(listener)

    def announce(self, event: ShopEvent) -> None:
        """Take down an event; it is told once its action is complete."""
        event_id = self._untold[0].event_id if self._untold else str(UUID(token_hex(16)))
        event = structs.replace(event, event_id=event_id)
        self.past.append(event)
        self._untold.append(event)

    def commit(self) -> None:
        """The action is complete: tell the listeners."""
        told, self._untold = self._untold, []
        for event in told:
            for listener in self._listeners:
                listener(event)

    def clear(self) -> None:
        """Forget the past; listeners stay."""
        self.past.clear()
        self._untold.clear()
