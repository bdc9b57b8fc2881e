"""A receiver of webhooks on a real socket, in the test's own event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import orjson
from msgspec import Struct


class Received(Struct, frozen=True):
    """A request as it came in; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def topic(self) -> str:
        return self.headers["x-shopify-topic"]

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class Receiver:
    """Answers what `status` says and remembers what came; None hangs for ever."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.status: Callable[[Received], int | None] = lambda _request: 200
        self.port = 0
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def topics(self) -> list[str]:
        return [request.topic for request in self.received]

    async def until(self, count: int) -> list[Received]:
        """All requests, once there are so many."""
        async with asyncio.timeout(10):
            while len(self.received) < count:
                self._news.clear()
                await self._news.wait()
        return self.received

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                request = await _read(reader)
                self.received.append(request)
                self._news.set()
                status = self.status(request)
                if status is None:
                    await reader.read()  # until the sender gives up
                    break
                writer.write(f"HTTP/1.1 {status} Some\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()
        self._tasks.discard(task)

    async def stop(self) -> None:
        """End all connections."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return Received(first.split(" ")[1], headers, body)


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """Run a receiver for the duration of the block."""
    running = Receiver()
    server = await asyncio.start_server(running.serve, "127.0.0.1", 0)
    running.port = server.sockets[0].getsockname()[1]
    try:
        yield running
    finally:
        server.close()
        await running.stop()
        await asyncio.sleep(0)  # let the transports close
