"""HTTP for clients that may be slow, but not for ever: requests arrive in bounded time and size.

Without this a connection that sends a byte now and then costs its sender nothing and us a socket.
Answers may take as long as they like.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
REQUEST_SECONDS = 30.0
MAX_HEADER_BYTES = 64 * 1024

_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"connection: close\r\ncontent-length: 0\r\n\r\n"
)


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a time for the headers and one for the whole request."""

    header_seconds = HEADER_SECONDS
    request_seconds = REQUEST_SECONDS

    _patience: asyncio.TimerHandle | None = None
    _is_in_headers = True
    _header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, which has to begin at once."""
        super().connection_made(transport)
        self._wait(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has come, unless the headers never end."""
        super().data_received(data)
        if self._is_in_headers:
            self._header_bytes += len(data)
            if self._header_bytes > MAX_HEADER_BYTES:
                self._refuse(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin to wait for the headers of a request."""
        super().on_message_begin()
        self._is_in_headers = True
        self._header_bytes = 0
        self._wait(self.header_seconds)

    def on_headers_complete(self) -> None:
        """Go on to wait for the body."""
        self._is_in_headers = False
        self._wait(self.request_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for nothing: the answer is ours to give."""
        self._wait(None)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Wait no longer: the connection becomes another protocol's."""
        self._wait(None)
        super().handle_websocket_upgrade()

    def _wait(self, seconds: float | None) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        if seconds is not None:
            self._patience = self.loop.call_later(seconds, self._refuse, _TIMEOUT)

    def _refuse(self, answer: bytes) -> None:
        transport: Any = self.transport
        if transport.is_closing():
            return
        cycle: Any = self.cycle  # None before the first request, whatever its type says
        if cycle is None or cycle.response_complete or not cycle.response_started:
            transport.write(answer)
        transport.close()
