"""Readiness where Redis is set: it has a line of its own, and a time limit of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from pydantic import SecretStr

from config.settings import Settings
from gateway.cli.serve import serving_gateway

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def redis(talk: Talk) -> AsyncIterator[int]:
    """Run what talks like a Redis; yields its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await talk(reader, writer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def good(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    login = b"*3\r\n$4\r\nAUTH\r\n$4\r\nuser\r\n$6\r\np:w@rd\r\n"
    assert await reader.readexactly(len(login)) == login
    writer.write(b"+OK\r\n")
    assert await reader.readexactly(14) == b"*1\r\n$4\r\nPING\r\n"
    writer.write(b"+PONG\r\n")
    await writer.drain()


async def refusing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"-WRONGPASS invalid username-password pair\r\n")
    await writer.drain()


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize(
    ("talk", "status", "answer"),
    [(good, 200, "ok"), (refusing, 503, "unavailable"), (silent, 503, "timeout")],
)
async def test_each_dependency_has_its_line(
    settings: Settings, talk: Talk, status: int, answer: str
) -> None:
    async with redis(talk) as port:
        url = f"redis://user:p%3Aw%40rd@127.0.0.1:{port}/0"
        with_redis = settings.model_copy(update={"redis_url": SecretStr(url)})
        async with (
            serving_gateway(with_redis),
            httpx.AsyncClient(base_url=settings.public_url, timeout=30) as http,
        ):
            found = await http.get("/readyz")
    assert found.status_code == status
    assert found.json()["dependencies"] == {"mongodb": "ok", "redis": answer}
