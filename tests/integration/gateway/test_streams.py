"""Subscriptions over plain HTTP: what goes over the wire, and how it ends."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest

from config.settings import Settings
from sync_engine.model.access import ViewerScope
from sync_engine.model.run import ApiUsage, Run
from sync_engine.model.sync_enums import SyncState
from sync_engine.store.store import Store
from tests.examples import MONDAY, SHOP, connected_shop, run_under_way
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller
from tests.integration.gateway.limited_gateway import limited_gateway

PROGRESS = "subscription($run: ID) { syncProgress(runId: $run) { run { state } } }"
STREAM = "text/event-stream"
MULTIPART = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0"
RUNNING = b'{"data":{"syncProgress":{"run":{"state":"RUNNING"}}}}'


@asynccontextmanager
async def subscribed(
    caller: Caller, run: str, accept: str = STREAM, token: str = OPERATOR_TOKEN
) -> AsyncIterator[httpx.Response]:
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}
    body = {"query": PROGRESS, "variables": {"run": run}}
    async with (
        asyncio.timeout(20),
        caller.http.stream("POST", "/graphql", json=body, headers=headers) as response,
    ):
        yield response


async def read_until(response: httpx.Response, wanted: bytes, times: int = 1) -> bytes:
    """Return what has come when the wanted bytes have, that often."""
    seen = b""
    async for piece in response.aiter_raw():
        seen += piece
        if seen.count(wanted) >= times:
            return seen
    pytest.fail(f"the stream ended without {wanted!r}: {seen!r}")


async def finish(store: Store, run: Run) -> None:
    await store.shop(SHOP).runs.finish(
        run, SyncState.CANCELLED, message=None, usage=ApiUsage(), now=MONDAY
    )


async def test_events_have_line_feeds_heartbeats_and_an_end(
    settings: Settings, store: Store
) -> None:
    await connected_shop(store)
    run = await run_under_way(store)
    async with (
        limited_gateway(settings, keep_alive_seconds=0.05) as operator,
        subscribed(operator, run.id) as response,
    ):
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        stream = response.aiter_raw()
        seen = b""
        while RUNNING not in seen or seen.count(b"\n:\n\n") < 2:
            seen += await anext(stream)
        await finish(store, run)
        seen += b"".join([piece async for piece in stream])
    assert b"\r" not in seen
    events = seen.replace(b":\n\n", b"")  # of which the first may come before anything is known
    assert events.startswith(b"event: next\ndata: " + RUNNING + b"\n\n")
    assert b"CANCELLED" in seen
    assert seen.endswith(b"event: complete\ndata: \n\n")


async def test_parts_are_each_whole_before_the_next_begins(
    settings: Settings, store: Store
) -> None:
    await connected_shop(store)
    run = await run_under_way(store)
    async with (
        limited_gateway(settings, keep_alive_seconds=0.05) as operator,
        subscribed(operator, run.id, MULTIPART) as response,
    ):
        assert response.headers["content-type"].startswith('multipart/mixed;boundary="graphql"')
        head = b"\r\nContent-Type: application/json\r\n\r\n"
        stream = response.aiter_raw()
        seen = b""
        while RUNNING not in seen or b"{}" not in seen:
            seen += await anext(stream)
        await finish(store, run)
        seen += b"".join([piece async for piece in stream])
    first = head + b'{"payload":' + RUNNING + b"}\r\n--graphql"
    parts = seen.replace(head + b"{}\r\n--graphql", b"")  # the heartbeats
    assert parts.startswith(b"\r\n--graphql" + first)
    assert parts.endswith(b"\r\n--graphql--\r\n")


async def test_a_client_that_leaves_makes_room(settings: Settings, store: Store) -> None:
    await connected_shop(store)
    run = await run_under_way(store)
    async with (
        limited_gateway(settings, subscriptions_per_caller=1) as operator,
        subscribed(operator, run.id) as response,
    ):
        await read_until(response, RUNNING)
        async with subscribed(operator, run.id) as second:
            refused = await read_until(second, b"event: complete")
            assert b'"code":"TOO_MANY_OPERATIONS"' in refused
        async with asyncio.timeout(5):
            while True:
                async with subscribed(operator, run.id) as third:
                    if b"TOO_MANY" not in await read_until(third, b"event: next\ndata: "):
                        break


async def test_a_server_that_stops_does_not_wait_for_streams(
    settings: Settings, store: Store
) -> None:
    await connected_shop(store)
    run = await run_under_way(store)
    async with AsyncExitStack() as client:
        http = await client.enter_async_context(
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}")
        )
        async with limited_gateway(settings):
            response = await client.enter_async_context(
                subscribed(Caller(http, OPERATOR_TOKEN), run.id)
            )
            stream = response.aiter_raw()
            while RUNNING not in await anext(stream):
                pass
            leaving = time.monotonic()
        assert time.monotonic() - leaving < 2
        assert b"complete" not in b"".join([piece async for piece in stream])  # it may come again


async def test_a_revoked_token_ends_the_stream(settings: Settings, store: Store) -> None:
    await connected_shop(store)
    run = await run_under_way(store)
    token, text = await store.api_tokens.create(SHOP, [ViewerScope.READ_SYNC], now=MONDAY)
    async with (
        limited_gateway(settings, credential_check_seconds=0.05) as operator,
        subscribed(operator, run.id, token=text) as response,
    ):
        stream = response.aiter_raw()
        while RUNNING not in await anext(stream):
            pass
        await store.api_tokens.revoke(token.id, now=datetime.now(UTC))
        rest = b"".join([piece async for piece in stream])
    assert b'"code":"UNAUTHENTICATED"' in rest
    assert rest.endswith(b"event: complete\ndata: \n\n")


async def test_one_answer_goes_in_the_form_that_is_named_first(operator: Caller) -> None:
    query = {"query": "{ viewer { kind } }"}
    for accept, expected in (
        (f"application/json, {STREAM}", "application/json"),
        (f"{STREAM}, application/json", f"{STREAM}; charset=utf-8"),
        ("multipart/mixed, application/json", "application/json"),
        (MULTIPART, 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'),
    ):
        headers = {"Authorization": f"Bearer {OPERATOR_TOKEN}", "Accept": accept}
        response = await operator.http.post("/graphql", json=query, headers=headers)
        assert response.headers["content-type"] == expected
        assert '{"viewer":{"kind":"OPERATOR"}}' in response.text


async def test_a_client_that_takes_no_stream_is_told_how_to_subscribe(operator: Caller) -> None:
    response = await operator.post(PROGRESS)
    assert response.status_code == 400
    assert STREAM in response.json()["errors"][0]["message"]


async def test_nobody_subscribes_without_a_credential(nobody: Caller) -> None:
    async with subscribed(nobody, "x", token="useless") as response:
        assert response.status_code == 401
        await response.aread()
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
