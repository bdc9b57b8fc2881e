"""The outermost layer: counts what every request sends, and can cut its connection.

Handlers reach it by `request_trace`: they say what the request is, and the log hears of it when the
last byte is out.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync_engine.simulator.request_log import RequestLog, RequestRecord

_KEY = "simulator.trace"
_LINGER_OFF = struct.pack("ii", 1, 0)


class ConnectionAborted(Exception):  # noqa: N818 - not an error: it is what was ordered
    """The connection was cut on purpose; nothing more is to be sent."""


class RequestTrace:
    """One request on its way through the simulator.

    Attributes:
        record: Set by the handler that knows what the request is.
        abort: Resets the connection.
    """

    def __init__(self, abort: Callable[[], None]) -> None:
        self.record: RequestRecord | None = None
        self.abort = abort


def request_trace(scope: Scope) -> RequestTrace:
    """The trace of the request that a handler is handling."""
    trace = scope[_KEY]
    if not isinstance(trace, RequestTrace):
        message = "the recording layer is missing"
        raise TypeError(message)
    return trace


class RecordingLayer:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and log it once it is over."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = RequestTrace(lambda: _reset_connection(send))
        scope[_KEY] = trace
        sent_bytes, status = 0, 0

        async def counted(message: Message) -> None:
            nonlocal sent_bytes, status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                sent_bytes += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except ConnectionAborted:
            if not _has_transport(send):
                raise
        except asyncio.CancelledError:
            # The server stops and cannot wait: end this answer as a crash would, and quietly.
            if not _has_transport(send):
                raise
            _reset_connection(send)
            await asyncio.sleep(0)
        finally:
            if trace.record is not None:
                trace.record.status = status
                trace.record.bytes_sent = sent_bytes
                self._log.close(trace.record)


def _transport(send: Send) -> Any:
    return getattr(getattr(send, "__self__", None), "transport", None)


def _has_transport(send: Send) -> bool:
    return _transport(send) is not None


def _reset_connection(send: Send) -> None:
    """Close the socket with a RST, as a crashed peer or a cut line looks like.

    The server keeps the transport to itself; it is reached through the `send` that it handed out.
    In process there is none, and `ConnectionAborted` reaches the caller instead.
    """
    transport = _transport(send)
    if transport is None or transport.is_closing():
        return
    raw = transport.get_extra_info("socket")
    with suppress(OSError):  # the peer was quicker and the socket is gone
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_OFF)
    transport.abort()
