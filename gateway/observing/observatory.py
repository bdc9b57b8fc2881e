"""All that is measured of one process, made at its entry and handed down."""

import platform
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0, generate_latest

from gateway.observing.live_telemetry import LiveTelemetry
from gateway.observing.state_metrics import StateMetrics
from gateway.observing.tracing import Tracing


class Observatory:
    """A registry of its own with everything in it."""

    def __init__(self, tracing: Tracing | None = None) -> None:
        """Take where traces go; None for nowhere."""
        self.registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        build = Info("echosignal_build", "What is running.", registry=self.registry)
        build.info({"version": version("echosignal"), "python": platform.python_version()})
        self.telemetry = LiveTelemetry(self.registry, tracing)
        self.state = StateMetrics(self.registry)

    def exposition(self) -> tuple[bytes, str]:
        """Return everything in Prometheus' text format, and the type of that."""
        return generate_latest(self.registry), CONTENT_TYPE_PLAIN_1_0_0
