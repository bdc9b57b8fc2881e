"""A server that says over a real connection what a test wrote down, and breaks off where told."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

_NO_LINGER = struct.pack("ii", 1, 0)


class Ending(Enum):
    """What becomes of the connection after the bytes."""

    CLOSE = auto()
    RESET = auto()
    SILENCE = auto()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Bytes to send, and how to end; ``until`` is waited for before the end."""

    content: bytes
    ending: Ending = Ending.CLOSE
    until: asyncio.Event | None = None


def answer(
    status: int,
    body: bytes = b"",
    *,
    headers: dict[str, str] | None = None,
    length: int | None = None,
    ending: Ending = Ending.CLOSE,
    until: asyncio.Event | None = None,
) -> Answer:
    """Return an HTTP answer; ``length`` is announced instead of the body's own."""
    fields = {"Content-Length": str(len(body) if length is None else length)} | (headers or {})
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    content = f"HTTP/1.1 {status} Whatever\r\nConnection: close\r\n{head}\r\n".encode() + body
    return Answer(content=content, ending=ending, until=until)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it came in; the names of the headers are in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass(kw_only=True)
class ScriptedServer:
    """Gives its answers in their order, the last one again and again."""

    url: str
    answers: Sequence[Answer] = ()
    requests: list[Request] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the one request of a connection."""
        try:
            self.requests.append(await _request(reader))
            given = self.answers[min(len(self.requests), len(self.answers)) - 1]
            writer.write(given.content)
            await writer.drain()
            if given.until is not None:
                await given.until.wait()
            if given.ending is Ending.SILENCE:
                await reader.read()
            if given.ending is Ending.RESET:
                connection: socket.socket = writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                writer.transport.abort()
        except ConnectionError:
            pass  # the client broke off first
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Request:
    line, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(line=line, headers=headers, body=body)


@asynccontextmanager
async def scripted_server() -> AsyncIterator[ScriptedServer]:
    """Listen on a free port for the duration of the block."""
    script = ScriptedServer(url="")
    async with await asyncio.start_server(script.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        script.url = f"http://127.0.0.1:{port}"
        yield script
