"""Posts bodies over HTTP/1.1 with connections that are kept alive.

A client library would cost more of a core than everything else that a webhook needs, so this is as
little as a sender can do with: one request at a time on each connection, and only the status of the
answer is read. Certificates are verified.
"""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import cast
from urllib.parse import urlsplit

import httptools

_PORTS = {"http": 80, "https": 443}


class HttpPoster:
    """Sends requests; remembers idle connections by where they lead."""

    def __init__(self) -> None:
        self._idle: defaultdict[tuple[str, str, int], list[_Connection]] = defaultdict(list)
        self._tls: ssl.SSLContext | None = None

    async def post(
        self, uri: str, headers: Mapping[str, str], body: bytes, *, connect_seconds: float
    ) -> int:
        """Post a body; returns the status of the answer.

        Raises:
            OSError: There is no connection, or it broke.
            TimeoutError: Nobody took the connection in time.
        """
        parts = urlsplit(uri)
        place = (parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme])
        path = parts.path or "/"
        if parts.query:
            path = f"{path}?{parts.query}"
        lines = [f"POST {path} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(body)}", "", ""]
        request = "\r\n".join(lines).encode("latin-1") + body
        idle = self._idle[place]
        while idle:
            connection = idle.pop()
            if connection.is_open:
                # The other side may have hung up just now, before it read anything.
                with suppress(_HungUpError):
                    return await self._exchange(connection, request, idle)
        async with asyncio.timeout(connect_seconds):
            connection = await self._connect(place)
        return await self._exchange(connection, request, idle)

    def close(self) -> None:
        """Close all idle connections."""
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()

    async def _exchange(
        self, connection: "_Connection", request: bytes, idle: list["_Connection"]
    ) -> int:
        try:
            status = await connection.exchange(request)
        except BaseException:
            connection.close()
            raise
        if connection.is_open:
            idle.append(connection)
        return status

    async def _connect(self, place: tuple[str, str, int]) -> "_Connection":
        scheme, host, port = place
        if scheme == "https" and self._tls is None:
            self._tls = ssl.create_default_context()
        tls = self._tls if scheme == "https" else None
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, host, port, ssl=tls)
        return connection


class _HungUpError(ConnectionError):
    """The connection ended before anything of an answer came."""


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._has_begun = False
        self._has_headers = False
        self.is_open = False

    def exchange(self, request: bytes) -> asyncio.Future[int]:
        if self._transport is None:
            message = "not connected"
            raise ConnectionError(message)
        self._answer = asyncio.get_running_loop().create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._has_begun = self._has_headers = False
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        self.is_open = False
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not every event loop's transports are made of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._has_headers and self._answer is not None and not self._answer.done():
            self._answer.set_result(self._parser.get_status_code())  # a body without a length
            return
        message = "the connection was closed before the answer was complete"
        kind = ConnectionError if self._has_begun else _HungUpError
        self._fail(kind(message if exc is None else str(exc)))

    def data_received(self, data: bytes) -> None:
        self._has_begun = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionError(str(error)))
            self.close()

    def on_headers_complete(self) -> None:
        self._has_headers = True

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if not self._parser.should_keep_alive():
            self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)

    def _fail(self, error: OSError) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
