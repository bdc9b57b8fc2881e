"""Traces by OpenTelemetry, an optional extra: without it this module is never imported for real.

Attributes are ids and names of ours; exceptions are noted by their class, for their text may quote
what a client or a shop sent.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

_PREFIX = "echosignal."
_NANOSECONDS = 1_000_000_000
_FLUSH_MILLISECONDS = 3_000
_EXPORT_SECONDS = 5


class TracingUnavailableError(RuntimeError):
    """Traces are asked for and the extra is not installed."""


class Tracing:
    """A provider of our own, never the global one."""

    def __init__(self, exporter: "SpanExporter") -> None:
        """Take where spans go; they are sent in batches, by a thread."""
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an optional extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        resource = Resource.create({"service.name": "echosignal"})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("echosignal")

    @contextmanager
    def span(self, name: str, attributes: Mapping[str, str | int]) -> Iterator[None]:
        """Trace what is done inside."""
        from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415

        named = {f"{_PREFIX}{key}": value for key, value in attributes.items()}
        with self._tracer.start_as_current_span(
            name, attributes=named, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def note(self, name: str, seconds: float, *, has_failed: bool) -> None:
        """Trace what is over by now, as a part of what is being done here."""
        from opentelemetry.trace import Status, StatusCode, get_current_span  # noqa: PLC0415

        if not get_current_span().is_recording():  # nobody asked for what it is a part of
            return
        now = time.time_ns()
        span = self._tracer.start_span(name, start_time=now - int(seconds * _NANOSECONDS))
        if has_failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(now)

    def close(self) -> None:
        """Send what is left, for a few seconds at most."""
        self._provider.force_flush(_FLUSH_MILLISECONDS)
        self._provider.shutdown()


def open_tracing(endpoint: str) -> Tracing:
    """Return what sends traces to a collector, by OTLP over HTTP.

    Raises:
        TracingUnavailableError: the extra is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
    except ImportError as error:
        raise TracingUnavailableError(
            "ECHOSIGNAL_TRACING_ENDPOINT is set and OpenTelemetry is not installed: "
            "pip install 'echosignal[tracing]', or unset it"
        ) from error
    exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=_EXPORT_SECONDS)
    return Tracing(exporter)
