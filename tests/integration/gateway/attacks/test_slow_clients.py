"""Clients that send a byte now and then, to hold connections that others need."""

import asyncio
import time

import httpx
import pytest

from config.settings import Settings
from gateway.patient_protocol import MAX_HEADER_BYTES, PatientProtocol
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller

SHORT_SECONDS = 0.3
BODY = b'{"query": "{ viewer { kind } }"}'
HEAD = (
    b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Authorization: Bearer " + OPERATOR_TOKEN.encode() + b"\r\n"
)


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server wait less long than for real clients."""
    monkeypatch.setattr(PatientProtocol, "header_seconds", SHORT_SECONDS)
    monkeypatch.setattr(PatientProtocol, "request_seconds", 2 * SHORT_SECONDS)


async def drip(settings: Settings, *pieces: bytes) -> tuple[bytes, float]:
    """Send the pieces, then a byte at a time; return the answer and how long the server waited."""
    reader, writer = await asyncio.open_connection("127.0.0.1", settings.port)
    began = time.monotonic()
    for piece in pieces:
        writer.write(piece)
    answering = asyncio.create_task(reader.read())
    try:
        async with asyncio.timeout(10):
            while not answering.done():
                await asyncio.wait({answering}, timeout=0.05)
                writer.write(b"a")
    finally:
        writer.close()
    try:
        return answering.result(), time.monotonic() - began
    except ConnectionError:  # what the server had not read makes it a reset
        return b"", time.monotonic() - began


SLOW = {
    "nothing": (b"",),
    "first line": (b"POST /graphql HTTP/1.1\r\n",),
    "headers": (HEAD, b"X-Slow: "),
    "body": (HEAD, b"Content-Length: 100000\r\n\r\n", BODY[:10]),
    "second request": (
        HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY,
        b"POST /graphql HTTP/1.1\r\nX-Slow: ",
    ),
}


async def test_a_request_has_to_arrive_in_time(
    http: httpx.AsyncClient, settings: Settings, subtests: pytest.Subtests
) -> None:
    del http
    async with asyncio.TaskGroup() as group:
        dripping = {
            name: group.create_task(drip(settings, *pieces)) for name, pieces in SLOW.items()
        }
    for name, task in dripping.items():
        with subtests.test(name):
            answer, waited_seconds = task.result()
            assert answer == b"" or b" 408 " in answer or b" 400 " in answer
            assert waited_seconds < 2 * SHORT_SECONDS + 2  # no longer, but for a busy machine


async def test_silence_and_endless_headers_are_not_waited_for(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    del http
    reader, writer = await asyncio.open_connection("127.0.0.1", settings.port)
    async with asyncio.timeout(5):
        assert b" 408 " in await reader.read()
    writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", settings.port)
    writer.write(HEAD + b"X-Long: " + b"a" * (2 * MAX_HEADER_BYTES))
    async with asyncio.timeout(5):
        assert b" 431 " in await reader.readline()
    writer.close()


async def test_others_are_served_meanwhile(operator: Caller, settings: Settings) -> None:
    opened = [await asyncio.open_connection("127.0.0.1", settings.port) for _ in range(200)]
    for _, writer in opened:
        writer.write(b"POST /graphql HTTP/1.1\r\nX-Slow: a")
    assert await operator.data("{ viewer { kind } }") == {"viewer": {"kind": "OPERATOR"}}
    for _, writer in opened:
        writer.close()
