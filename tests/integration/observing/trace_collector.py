"""What takes traces like an OpenTelemetry collector, over OTLP and HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class TraceCollector:
    """What was sent."""

    def __init__(self) -> None:
        self.endpoint = ""
        self.requests: list[ExportTraceServiceRequest] = []

    def spans(self) -> list[Span]:
        """Return every span, in the order in which they came."""
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request."""
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"POST /v1/traces ")
        (length,) = (
            int(line.partition(b":")[2])
            for line in head.splitlines()
            if line.lower().startswith(b"content-length:")
        )
        body = await reader.readexactly(length)
        self.requests.append(ExportTraceServiceRequest.FromString(body))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def trace_collector() -> AsyncIterator[TraceCollector]:
    """Run one for the duration of the block."""
    collector = TraceCollector()
    async with await asyncio.start_server(collector.take, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        collector.endpoint = f"http://127.0.0.1:{port}"
        yield collector
