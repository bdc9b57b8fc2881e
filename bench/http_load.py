"""A client that costs little: the same request again and again over connections that stay open."""

import asyncio
import time
from dataclasses import dataclass

import orjson


@dataclass(frozen=True)
class Load:
    """What a server did in a while."""

    requests_per_second: float
    latencies_seconds: tuple[float, ...]

    def percentile_ms(self, share: int) -> float:
        """Return a percentile of the latencies."""
        ordered = sorted(self.latencies_seconds)
        return 1_000 * ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


async def load(
    port: int, query: str, *, seconds: float, connections: int, token: str | None = None
) -> Load:
    """Ask a server the same for so long, over so many connections at a time."""
    body = orjson.dumps({"query": query})
    head = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    if token is not None:
        head += f"Authorization: Bearer {token}\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    began = time.perf_counter()
    until = began + seconds
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_ask(port, request, until)) for _ in range(connections)]
    latencies = tuple(latency for task in tasks for latency in task.result())
    return Load(len(latencies) / (time.perf_counter() - began), latencies)


async def _ask(port: int, request: bytes, until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    latencies: list[float] = []
    try:
        while (sent := time.perf_counter()) < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
            answer = await reader.readexactly(length)
            latencies.append(time.perf_counter() - sent)
            if b" 200 " not in head or b'"errors"' in answer:
                raise RuntimeError((head + answer[:500]).decode())
    finally:
        writer.close()
    return latencies
