"""Sends an answer badly: late, slowly, cut, or with the connection reset under it."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync_engine.simulator.endpoints.recording import ConnectionAborted, request_trace
from sync_engine.simulator.faults.actions import Action, Cut, Drip, ExpireUrl, Hang, Reset

_DRIPS_PER_SECOND = 10


class DisturbedResponse:
    """An answer that a fault disturbs on its way."""

    def __init__(self, inner: ASGIApp, action: Action) -> None:
        self._inner = inner
        self._action = action

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, disturbed."""
        action = self._action
        match action:
            case Hang(seconds=seconds):
                await asyncio.sleep(seconds)
                await self._inner(scope, receive, send)
            case Drip(bytes_per_second=rate):
                await self._inner(scope, receive, _dripping(send, rate))
            case Cut(after_bytes=limit):
                await self._inner(scope, receive, _cut(send, limit))
            case Reset(after_bytes=None):
                await _abort(scope)
            case Reset(after_bytes=int() as limit) | ExpireUrl(after_bytes=limit):
                await self._inner(scope, receive, _resetting(send, limit, scope))
            case _:
                await self._inner(scope, receive, send)


async def _abort(scope: Scope) -> None:
    request_trace(scope).abort()
    await asyncio.sleep(0)
    raise ConnectionAborted


def _dripping(send: Send, rate: int) -> Send:
    piece = max(1, rate // _DRIPS_PER_SECOND)

    async def drip(message: Message) -> None:
        body = message.get("body", b"")
        if message["type"] != "http.response.body" or not body:
            await send(message)
            return
        for start in range(0, len(body), piece):
            part = body[start : start + piece]
            await send({"type": "http.response.body", "body": part, "more_body": True})
            await asyncio.sleep(len(part) / rate)
        await send({**message, "body": b""})

    return drip


def _cut(send: Send, limit: int) -> Send:
    left = limit

    async def cut(message: Message) -> None:
        nonlocal left
        if message["type"] == "http.response.start":
            headers = [
                (name, str(min(int(value), limit)).encode() if _is_length(name) else value)
                for name, value in message["headers"]
            ]
            await send({**message, "headers": headers})
            return
        part = message.get("body", b"")[:left]
        left -= len(part)
        await send({**message, "body": part})

    return cut


def _resetting(send: Send, limit: int, scope: Scope) -> Send:
    left = limit

    async def reset(message: Message) -> None:
        nonlocal left
        body = message.get("body", b"")
        if message["type"] != "http.response.body" or len(body) < left:
            left -= len(body)
            await send(message)
            return
        await send({"type": "http.response.body", "body": body[:left], "more_body": True})
        await asyncio.sleep(0.01)  # let the bytes out before the line goes dead
        await _abort(scope)

    return reset


def _is_length(name: bytes) -> bool:
    return name.lower() == b"content-length"
