"""What the gateway tells of its own work, beside what the engine tells."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from sync_engine.model.telemetry import SilentTelemetry, Telemetry


class DoorTelemetry(Telemetry, Protocol):
    """Hears of requests and operations as they end."""

    def request_ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """Hear how an HTTP request ended; the route is its pattern, never its path."""

    def socket_open(self) -> AbstractContextManager[object]:
        """Count a WebSocket as open until the end of the block."""

    def operation_ended(self, kind: str, name: str, outcome: str, seconds: float) -> None:
        """Hear how a GraphQL operation ended; the name is whatever its client wrote."""

    def subscriber(self) -> AbstractContextManager[object]:
        """Count a subscription as live until the end of the block."""

    def webhook_received(self, topic: str, outcome: str) -> None:
        """Hear of a delivery; the topic may be whatever its sender wrote."""


class SilentDoorTelemetry(SilentTelemetry):
    """Listens to nothing, at no cost."""

    def request_ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """Do nothing."""

    def socket_open(self) -> AbstractContextManager[object]:
        """Do nothing."""
        return nullcontext()

    def operation_ended(self, kind: str, name: str, outcome: str, seconds: float) -> None:
        """Do nothing."""

    def subscriber(self) -> AbstractContextManager[object]:
        """Do nothing."""
        return nullcontext()

    def webhook_received(self, topic: str, outcome: str) -> None:
        """Do nothing."""


SILENT_DOOR = SilentDoorTelemetry()
"""What a part is given where nobody measures."""
