"""The response that goes on: results as they come, heartbeats between them, a clean end.

It ends when the source does, when the client hangs up or reads nothing for too long, when the
caller's credential ends, and when the server stops. Without the closing frame a client knows that
it should connect again, so a server that stops does not send it.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from contextvars import copy_context
from typing import Any

from graphql import GraphQLError
from starlette.types import Receive, Scope, Send
from strawberry.schema.schema import StreamResult
from strawberry.types import ExecutionResult
from structlog.contextvars import bind_contextvars, get_contextvars

from gateway.graphql.context import Context
from gateway.graphql.credential_watch import CredentialEnd, credential_end
from gateway.graphql.errors import UnauthenticatedError
from gateway.graphql.http_answers import formatted
from gateway.graphql.limits import Limits
from gateway.graphql.streams.framing import Framing
from gateway.stopping import Stopping


class StreamAnswer:
    """An ASGI application that answers one request."""

    def __init__(
        self,
        source: StreamResult,
        framing: Framing,
        context: Context,
        *,
        stopping: Stopping,
        limits: Limits,
    ) -> None:
        """Take where results come from and how they are written."""
        self._source = source
        self._framing = framing
        self._context = context
        self._stopping = stopping
        self._limits = limits

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Write the stream to its end."""
        check_seconds = self._limits.credential_check_seconds
        with self._stopping.notice() as stopped:
            gone = asyncio.create_task(_until_disconnected(receive))
            ended = asyncio.create_task(credential_end(self._context, check_seconds=check_seconds))
            try:
                await self._write(_Writer(send, self._limits.send_seconds), stopped, gone, ended)
            except TimeoutError:
                pass  # the client reads nothing; the server closes what was not completed
            finally:
                await _cancel(gone)
                await _cancel(ended)
                await self._source.aclose()

    async def _write(
        self,
        writer: "_Writer",
        stopped: asyncio.Future[None],
        gone: asyncio.Task[None],
        ended: asyncio.Task[CredentialEnd],
    ) -> None:
        await writer.start(self._framing.content_type)
        await writer.body(self._framing.opening)
        interruptions: set[asyncio.Future[Any]] = {stopped, gone, ended}
        inside = copy_context()  # one for all results: what the log learns of them is kept
        arriving = asyncio.create_task(self._next(), context=inside)
        try:
            while True:
                await asyncio.wait(
                    {arriving, *interruptions},
                    timeout=self._limits.keep_alive_seconds,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if gone.done():
                    return
                if stopped.done():
                    break
                if ended.done():
                    await writer.body(self._framing.result(_refusal(ended.result())))
                    await writer.body(self._framing.ending)
                    break
                if not arriving.done():
                    await writer.body(self._framing.heartbeat)
                    continue
                result = arriving.result()
                if result is None:
                    await writer.body(self._framing.ending)
                    break
                await writer.body(self._framing.result(formatted(result)))
                arriving = asyncio.create_task(self._next(), context=inside)
        finally:
            await _cancel(arriving)
            bind_contextvars(**inside.run(get_contextvars))
        await writer.finish()

    async def _next(self) -> ExecutionResult | None:
        result = await anext(self._source, None)
        assert result is None or isinstance(result, ExecutionResult)  # noqa: S101 - no @defer here
        return result


class _Writer:
    """Sends the pieces of a response; a client that takes none for too long is given up."""

    def __init__(self, send: Send, patience_seconds: float) -> None:
        self._send = send
        self._patience_seconds = patience_seconds

    async def start(self, content_type: str) -> None:
        headers = {
            "content-type": content_type,
            "cache-control": "no-store",
            "vary": "Accept",
            "x-accel-buffering": "no",  # nginx would hold back what it thinks too little to send
        }
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": 200, "headers": raw})

    async def body(self, piece: bytes) -> None:
        async with asyncio.timeout(self._patience_seconds):
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def finish(self) -> None:
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task


def _refusal(end: CredentialEnd) -> Mapping[str, Any]:
    code = {"code": UnauthenticatedError.code}
    return {"data": None, "errors": [GraphQLError(end.reason, extensions=code).formatted]}
