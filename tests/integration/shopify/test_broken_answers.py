"""What is not an answer is asked for again, and in the end said to be a fault of the network."""

import httpx
import msgspec
import pytest

from sync_engine.model.errors import ShopifyTimeoutError, ShopifyUnavailableError, SyncError
from sync_engine.model.sync_enums import SyncErrorCode
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.throttle.priority import Priority
from tests.integration.shopify.shopfront import (
    GOOD,
    SHOP,
    TOKEN,
    Shopfront,
    assert_no_secret,
    graphql,
    shopify_for,
)
from tests.scripted_server import Answer, Ending, answer

_NESTED = b"[" * 100_000 + b"]" * 100_000
_WHOLE = b'{"data":{"shop":{"name":"Echo"}}}'
_HTML = b"<!DOCTYPE html><title>Something went wrong</title>" + TOKEN.encode()

BROKEN = [
    pytest.param(answer(200, _HTML), id="HTML"),
    pytest.param(answer(200), id="nothing"),
    pytest.param(answer(204), id="no content"),
    pytest.param(answer(200, _WHOLE[:20]), id="half a JSON"),
    pytest.param(answer(200, b"null"), id="null"),
    pytest.param(answer(200, b"[1]"), id="a list"),
    pytest.param(answer(200, b"{}"), id="neither data nor errors"),
    pytest.param(graphql({"data": None}), id="no data"),
    pytest.param(graphql({"data": {}}), id="another shape"),
    pytest.param(graphql({"data": {"shop": None}}), id="a null where none may be"),
    pytest.param(graphql({"data": {"shop": {"name": 5}}}), id="another type"),
    pytest.param(graphql({"data": [], "errors": []}), id="no errors and no data"),
    pytest.param(graphql({"data": {}, "extensions": [1]}), id="extensions of another shape"),
    pytest.param(answer(200, b'{"data":{"shop":{"name":"\xff"}}}'), id="data not in UTF-8"),
    pytest.param(answer(200, b'{"errors":[{"message":"\xff"}]}'), id="errors not in UTF-8"),
    pytest.param(answer(200, b'{"data":' + _NESTED + b"}"), id="data nested without end"),
    pytest.param(answer(200, b'{"errors":' + _NESTED + b"}"), id="errors nested without end"),
    pytest.param(answer(200, _WHOLE, length=500), id="closed in mid-body"),
    pytest.param(answer(200, _WHOLE, length=500, ending=Ending.RESET), id="reset in mid-body"),
    pytest.param(Answer(content=b""), id="closed before the answer"),
    pytest.param(Answer(content=b"", ending=Ending.RESET), id="reset before the answer"),
    pytest.param(Answer(content=b"HTTP/1.1 200 O", ending=Ending.RESET), id="reset in the head"),
    pytest.param(Answer(content=b"220 mail.example.com ESMTP\r\n"), id="another protocol"),
    pytest.param(
        answer(200, b"not gzip", headers={"Content-Encoding": "gzip"}), id="not what it claims"
    ),
]


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_is_no_answer_is_asked_for_again(shopfront: Shopfront, broken: Answer) -> None:
    shopfront.server.answers = [broken, GOOD]
    assert await shopfront.name() == "Echo"
    assert len(shopfront.server.requests) == 2
    usage = shopfront.client.meter.take()
    assert (usage.requests, usage.retried, usage.failed) == (2, 1, 1)


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_stays_no_answer_is_a_fault_of_the_network(
    shopfront: Shopfront, broken: Answer
) -> None:
    shopfront.server.answers = [broken]
    with pytest.raises(SyncError) as raised:
        await shopfront.name()
    assert type(raised.value) is ShopifyUnavailableError
    assert raised.value.code is SyncErrorCode.NETWORK
    assert_no_secret(raised.value)
    assert len(shopfront.server.requests) == 12


@pytest.mark.parametrize(
    "silent",
    [
        pytest.param(Answer(content=b"", ending=Ending.SILENCE), id="before the answer"),
        pytest.param(answer(200, b"{", length=9, ending=Ending.SILENCE), id="in mid-body"),
    ],
)
async def test_a_server_that_falls_silent_is_left_and_asked_again(
    shopfront: Shopfront, silent: Answer
) -> None:
    shopfront.server.answers = [silent, GOOD]
    assert await shopfront.name() == "Echo"
    assert len(shopfront.server.requests) == 2


async def test_a_server_that_stays_silent_is_a_timeout(shopfront: Shopfront) -> None:
    shopfront.server.answers = [Answer(content=b"", ending=Ending.SILENCE)]
    async with httpx.AsyncClient(timeout=0.01) as pool:
        shopify = shopify_for(shopfront.shopify.app, pool, shopfront.clock)
        shopfront.client = shopify.client(
            SHOP, shopfront.tokens, Meter(), priority=Priority.INITIAL
        )
        with pytest.raises(ShopifyTimeoutError) as raised:
            await shopfront.name()
    assert raised.value.code is SyncErrorCode.TIMEOUT
    assert_no_secret(raised.value)
    assert len(shopfront.clock.waits) == 11


async def test_a_port_where_nobody_listens_is_a_fault_of_the_network(
    shopfront: Shopfront, unused_tcp_port: int
) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    shopfront.client = _client(shopfront, url)
    with pytest.raises(ShopifyUnavailableError, match="ConnectError") as raised:
        await shopfront.name()
    assert type(raised.value) is ShopifyUnavailableError
    assert_no_secret(raised.value)
    assert len(shopfront.clock.waits) == 11


def _client(shopfront: Shopfront, url: str) -> ShopifyClient:
    app = msgspec.structs.replace(shopfront.shopify.app, base_url=url)
    shopify = shopify_for(app, shopfront.client.pool, shopfront.clock)
    return shopify.client(SHOP, shopfront.tokens, Meter(), priority=Priority.INITIAL)
