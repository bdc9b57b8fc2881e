"""A client that costs little, over connections that stay open: what it measures is the server."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

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


class Connection:
    """A connection over which one question is asked after the other."""

    def __init__(
        self,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        port: int,
        token: str | None,
    ) -> None:
        """Take what was opened, and as whom to ask."""
        self._reader, self._writer = streams
        head = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        if token is not None:
            head += f"Authorization: Bearer {token}\r\n"
        self._head = head + "Content-Type: application/json\r\n"

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> float:
        """Return the seconds until an answer without errors was there.

        Raises:
            RuntimeError: it was another answer.
        """
        body = orjson.dumps({"query": query, "variables": variables})
        request = f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        sent = time.perf_counter()
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
        answer = await self._reader.readexactly(length)
        seconds = time.perf_counter() - sent
        if b" 200 " not in head or b'"errors"' in answer:
            raise RuntimeError((head + answer[:500]).decode())
        return seconds


@asynccontextmanager
async def connected(port: int, token: str | None) -> AsyncIterator[Connection]:
    """Connect to a server on this machine for the duration of the block."""
    streams = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Connection(streams, port, token)
    finally:
        streams[1].close()


async def load(
    port: int, query: str, *, seconds: float, connections: int, token: str | None = None
) -> Load:
    """Ask a server the same for so long, over so many connections at a time."""
    began = time.perf_counter()
    until = began + seconds
    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(_ask(port, token, query, until)) for _ in range(connections)]
    latencies = tuple(latency for task in asking for latency in task.result())
    return Load(len(latencies) / (time.perf_counter() - began), latencies)


async def _ask(port: int, token: str | None, query: str, until: float) -> list[float]:
    latencies: list[float] = []
    async with connected(port, token) as connection:
        while time.perf_counter() < until:
            latencies.append(await connection.ask(query))
    return latencies
