"""Telemetry that is really listened to: metrics always, traces where they are set."""

from contextlib import AbstractContextManager, nullcontext

from prometheus_client import CollectorRegistry

from gateway.observing.door_metrics import DoorMetrics
from gateway.observing.engine_metrics import EngineMetrics
from gateway.observing.tracing import Tracing

_NO_SPAN = nullcontext()


class LiveTelemetry(EngineMetrics, DoorMetrics):
    """Implements ``DoorTelemetry``, and so what the engine asks for."""

    def __init__(self, registry: CollectorRegistry, tracing: Tracing | None) -> None:
        """Register every metric."""
        EngineMetrics.__init__(self, registry)
        DoorMetrics.__init__(self, registry)
        self._tracing = tracing

    def span(self, name: str, **attributes: str | int) -> AbstractContextManager[object]:
        """Trace what is done inside, where traces are set."""
        return _NO_SPAN if self._tracing is None else self._tracing.span(name, attributes)

    def database_answered(self, command: str, seconds: float, *, has_failed: bool) -> None:
        """Note how long a command took."""
        super().database_answered(command, seconds, has_failed=has_failed)
        if self._tracing is not None:
            self._tracing.note(f"mongodb {command}", seconds, has_failed=has_failed)
