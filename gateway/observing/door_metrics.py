"""The door's work in Prometheus' terms; what clients write is bounded before it is a label."""

from contextlib import AbstractContextManager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from gateway.observing.bounded_labels import OTHER, BoundedLabels
from gateway.observing.engine_metrics import topic_label

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_MOST_OPERATIONS = 200
_UNNAMED = "unnamed"


class DoorMetrics:
    """Implements what ``DoorTelemetry`` has of measures."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register every metric; a registry takes them once."""
        self._names = BoundedLabels(_MOST_OPERATIONS)
        self._requests = Counter(
            "echosignal_http_requests_total",
            "HTTP requests by the pattern of their route.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._request_seconds = Histogram(
            "echosignal_http_request_duration_seconds",
            "How long requests took, until the last byte was sent.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._sockets = Gauge(
            "echosignal_websocket_connections", "WebSockets that are open.", registry=registry
        )
        self._operations = Histogram(
            "echosignal_graphql_operation_duration_seconds",
            f"GraphQL operations by name, the first {_MOST_OPERATIONS} of them; a subscription "
            "counts when it ends.",
            ("kind", "name", "outcome"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._subscribers = Gauge(
            "echosignal_graphql_subscribers", "Subscriptions that are live.", registry=registry
        )
        self._received = Counter(
            "echosignal_webhooks_received_total",
            "Deliveries of webhooks.",
            ("topic", "outcome"),
            registry=registry,
        )

    def request_ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        method = method if method in _METHODS else OTHER
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def socket_open(self) -> AbstractContextManager[object]:
        """Count a WebSocket while it is open."""
        return self._sockets.track_inprogress()

    def operation_ended(self, kind: str, name: str, outcome: str, seconds: float) -> None:
        """Count an operation."""
        label = self._names.of(name) if name else _UNNAMED
        self._operations.labels(kind, label, outcome).observe(seconds)

    def subscriber(self) -> AbstractContextManager[object]:
        """Count a subscription while it is live."""
        return self._subscribers.track_inprogress()

    def webhook_received(self, topic: str, outcome: str) -> None:
        """Count a delivery."""
        self._received.labels(topic_label(topic), outcome).inc()
