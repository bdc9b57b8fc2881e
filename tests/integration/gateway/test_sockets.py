"""WebSockets: who may open one, how long it may stay, and how much may go over it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from config.settings import Settings
from gateway.access.authenticator import Authenticator
from gateway.access.principal import Principal
from gateway.graphql.context import Context
from gateway.graphql.credential_watch import CredentialEnd, credential_end
from gateway.graphql.loaders.bundle import fresh_loaders
from sync_engine.model.access import ViewerScope
from sync_engine.open_engine import Duty, open_engine
from sync_engine.store.store import Store
from tests.examples import MONDAY, SHOP, connected_shop, run_under_way
from tests.integration.gateway.conftest import OPERATOR_TOKEN
from tests.integration.gateway.limited_gateway import limited_gateway

PROGRESS = "subscription($run: ID) { syncProgress(runId: $run) { run { state } } }"


@asynccontextmanager
async def opened(settings: Settings, origin: str | None = None) -> AsyncIterator[ClientConnection]:
    async with (
        asyncio.timeout(20),
        connect(
            f"ws://127.0.0.1:{settings.port}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            origin=None if origin is None else Origin(origin),
        ) as socket,
    ):
        yield socket


async def ask(socket: ClientConnection, **message: Any) -> dict[str, Any]:
    await socket.send(json.dumps(message))
    answer: dict[str, Any] = json.loads(await socket.recv())
    return answer


async def let_in(socket: ClientConnection, token: str = OPERATOR_TOKEN) -> None:
    payload = {"Authorization": f"Bearer {token}"}
    answer = await ask(socket, type="connection_init", payload=payload)
    assert answer == {"type": "connection_ack"}


async def subscribe(socket: ClientConnection, number: str, run: str) -> dict[str, Any]:
    payload = {"query": PROGRESS, "variables": {"run": run}}
    return await ask(socket, type="subscribe", id=number, payload=payload)


async def closing(socket: ClientConnection) -> int:
    """Return the code with which the server closes."""
    await socket.wait_closed()
    assert socket.close_code is not None
    return socket.close_code


async def test_browsers_come_from_the_public_url_or_an_origin_that_was_allowed(
    settings: Settings,
) -> None:
    friend = "https://app.example.com"
    async with limited_gateway(settings, allowed_origins=[friend]):
        for origin in (None, settings.public_url, friend):
            async with opened(settings, origin) as socket:
                await let_in(socket)
        for origin in ("https://evil.example", "null", f"{settings.public_url}.evil.example"):
            with pytest.raises(InvalidStatus) as refused:
                async with opened(settings, origin):
                    pass
            assert refused.value.response.status_code == 403


async def test_a_host_header_does_not_make_an_origin_ours(settings: Settings) -> None:
    async with limited_gateway(settings) as operator:
        response = await operator.http.get(
            "/graphql",
            headers={
                "Host": "evil.example",
                "Origin": "http://evil.example",
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Protocol": "graphql-transport-ws",
            },
        )
        assert response.status_code == 403


async def test_a_socket_that_says_nothing_is_closed(settings: Settings) -> None:
    async with (
        limited_gateway(settings, connection_init_seconds=0.05),
        opened(settings) as socket,
    ):
        assert await closing(socket) == 4408


async def test_nothing_is_answered_before_the_caller_is_known(settings: Settings) -> None:
    async with limited_gateway(settings), opened(settings) as socket:
        payload = {"query": "{ viewer { kind } }"}
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        assert await closing(socket) == 4401


async def test_a_revoked_token_closes_the_socket_in_the_middle_of_a_subscription(
    settings: Settings, store: Store
) -> None:
    await connected_shop(store)
    run = await run_under_way(store)
    token, text = await store.api_tokens.create(SHOP, [ViewerScope.READ_SYNC], now=MONDAY)
    async with (
        limited_gateway(settings, credential_check_seconds=0.05),
        opened(settings) as socket,
    ):
        await let_in(socket, text)
        assert (await subscribe(socket, "1", run.id))["type"] == "next"
        await store.api_tokens.revoke(token.id, now=datetime.now(UTC))
        assert await closing(socket) == 4403


async def test_a_credential_that_expires_is_noticed_to_the_moment(settings: Settings) -> None:
    async with open_engine(settings, duty=Duty.NONE) as engine:
        expiry = engine.clock.now() + timedelta(seconds=0.2)
        principal = replace(Principal.operator(), expires_at=expiry)
        context = Context(
            engine=engine,
            authenticator=Authenticator(OPERATOR_TOKEN),
            correlation_id="1",
            authorization=None,
            loaders=fresh_loaders(engine),
            caller=principal,
        )
        async with asyncio.timeout(5):
            end = await credential_end(context, check_seconds=3_600)
    assert (end, end.code) == (CredentialEnd.EXPIRED, 4401)


async def test_subscriptions_are_limited_by_connection_and_by_caller(
    settings: Settings, store: Store
) -> None:
    await connected_shop(store)
    run = await run_under_way(store)
    async with (
        limited_gateway(settings, subscriptions_per_connection=2, subscriptions_per_caller=3),
        opened(settings) as one,
        opened(settings) as two,
    ):
        await let_in(one)
        await let_in(two)
        for number in ("1", "2"):
            assert "errors" not in (await subscribe(one, number, run.id))["payload"]
        refused = await subscribe(one, "3", run.id)
        assert refused["type"] == "error"
        assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS"
        assert "errors" not in (await subscribe(two, "1", run.id))["payload"]
        (error,) = (await subscribe(two, "2", run.id))["payload"]["errors"]
        assert error["extensions"]["code"] == "TOO_MANY_OPERATIONS"


async def test_the_server_pings_and_lets_go_of_who_does_not_answer(settings: Settings) -> None:
    async with limited_gateway(settings, ping_seconds=0.1), asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", settings.port)
        writer.write(
            b"GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101")
        frames = await reader.read()  # to the end, which comes by itself
        assert frames[0] == 0x89  # a ping
        assert b"keepalive ping timeout" in frames
        writer.close()


async def test_a_server_that_stops_does_not_wait_for_sockets(
    settings: Settings, store: Store
) -> None:
    await connected_shop(store)
    run = await run_under_way(store)
    async with AsyncExitStack() as client:
        async with limited_gateway(settings):
            socket = await client.enter_async_context(opened(settings))
            await let_in(socket)
            await subscribe(socket, "1", run.id)
            leaving = time.monotonic()
        assert time.monotonic() - leaving < 2
        await socket.wait_closed()
        assert socket.close_code == 1012  # the server goes away: come again


async def test_deep_and_broad_variables_are_refused_over_a_socket_too(settings: Settings) -> None:
    deep: Any = "x"
    for _ in range(30):
        deep = [deep]
    async with limited_gateway(settings), opened(settings) as socket:
        await let_in(socket)
        for variables in ({"run": deep}, {"run": ["x"] * 20_000}):
            payload = {"query": PROGRESS, "variables": variables}
            refused = await ask(socket, type="subscribe", id="1", payload=payload)
            assert refused["type"] == "error"
            assert refused["payload"][0]["message"].startswith("variables: more than")


async def test_a_syntax_error_does_not_end_in_silence(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    del http
    async with opened(settings) as socket:
        await let_in(socket)
        await socket.send(
            json.dumps({"type": "subscribe", "id": "1", "payload": {"query": "{ nope"}})
        )
        assert await closing(socket) == 4400
