"""Gives every request an id and one line in the log, without what may be secret in its address."""

import re
import time
import uuid
from collections.abc import Callable
from contextlib import nullcontext

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.observing.door_telemetry import SILENT_DOOR, DoorTelemetry

_HEADER = "X-Request-Id"
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")
_UNMATCHED = "(unmatched)"

log = structlog.get_logger(__name__)


class RequestLog:
    """ASGI middleware: takes or makes the id, binds it to the log, tells it to the client."""

    def __init__(
        self,
        app: ASGIApp,
        monotonic_seconds: Callable[[], float] = time.monotonic,
        telemetry: DoorTelemetry = SILENT_DOOR,
    ) -> None:
        """Take the application, what measures time, and whom to tell."""
        self._app = app
        self._telemetry = telemetry
        self._monotonic_seconds = monotonic_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a WebSocket and log how it ended."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        correlation_id = _correlation_id(scope)
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        outcome = _Outcome(correlation_id)
        began = self._monotonic_seconds()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=correlation_id)
        is_socket = scope["type"] == "websocket"
        try:
            with self._telemetry.socket_open() if is_socket else nullcontext():
                await self._app(scope, outcome.receiving(receive), outcome.sending(send))
        finally:
            seconds = self._monotonic_seconds() - began
            method = scope.get("method", "WEBSOCKET")
            path = getattr(scope.get("route"), "path", _UNMATCHED)
            if not is_socket:
                self._telemetry.request_ended(method, path, outcome.status, seconds)
            log.info(
                "request.finished",
                method=method,
                path=path,
                status=outcome.status,
                seconds=round(seconds, 6),
            )
            structlog.contextvars.clear_contextvars()


class _Outcome:
    """Watches one connection: its status, or the code with which a WebSocket was closed."""

    def __init__(self, correlation_id: str) -> None:
        self.status = 500  # unless something else was sent
        self._correlation_id = correlation_id

    def receiving(self, receive: Receive) -> Receive:
        async def receive_watched() -> Message:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self.status = message.get("code", self.status)
            return message

        return receive_watched

    def sending(self, send: Send) -> Send:
        async def send_watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                MutableHeaders(scope=message)[_HEADER] = self._correlation_id
            elif message["type"] == "websocket.close":
                self.status = message.get("code", self.status)
            await send(message)

        return send_watched


def _correlation_id(scope: Scope) -> str:
    given = dict(scope["headers"]).get(_HEADER.lower().encode(), b"")
    return given.decode() if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
