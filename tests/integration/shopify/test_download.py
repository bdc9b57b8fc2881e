"""The file of an export arrives whole and once, however often the connection breaks."""

import asyncio
from collections.abc import Callable

import pytest

from sync_engine.model.errors import (
    FatalError,
    QueryRejectedError,
    RetryableError,
    ShopifyUnavailableError,
    SyncError,
    ThrottledError,
)
from sync_engine.shopify.bulk.download import (
    LineBlock,
    ResultChangedError,
    ResultExpiredError,
    download_lines,
)
from tests.integration.shopify.shopfront import Shopfront, assert_no_secret
from tests.scripted_server import Answer, Ending, answer

LINES = [b'{"id":"one"}', b"", b'{"id":"two"}', b'{"id":"three"}']
FILE = b"".join(line + b"\n" for line in LINES)
ETAG = {"ETag": '"first"'}
_WAITS = [0.5, 1, 2, 4, 8, 16]


def part(
    start: int, *, file: bytes = FILE, claims: int | None = None, etag: str = "first"
) -> Answer:
    claimed = start if claims is None else claims
    span = f"bytes {claimed}-{len(file) - 1}/{len(file)}"
    return answer(206, file[start:], headers={"Content-Range": span, "ETag": f'"{etag}"'})


def broken_off(end: int) -> Answer:
    return answer(200, FILE[:end], headers=ETAG, length=len(FILE))


async def download(
    shopfront: Shopfront,
    *,
    from_byte: int = 0,
    blocks: list[LineBlock] | None = None,
    seen: Callable[[], None] = lambda: None,
) -> list[LineBlock]:
    """Download to the end; what came before an error is left in ``blocks``."""
    blocks = [] if blocks is None else blocks
    url = f"{shopfront.server.url}/bulk.jsonl?Signature=signature_secret"
    clock = shopfront.clock
    async for block in download_lines(shopfront.client, url, from_byte=from_byte, clock=clock):
        blocks.append(block)
        seen()
    return blocks


def assert_whole(blocks: list[LineBlock], *, from_byte: int = 0) -> None:
    assert [line for block in blocks for line in block.lines] == FILE[from_byte:].split(b"\n")[:-1]
    place = from_byte
    for block in blocks:
        assert block.start_byte == place
        assert not block.is_cut
        place += sum(len(line) + 1 for line in block.lines)


@pytest.mark.parametrize("end", range(len(FILE)))
async def test_a_break_at_any_byte_is_gone_on_from_at_the_last_whole_line(
    shopfront: Shopfront, end: int
) -> None:
    start = FILE.rfind(b"\n", 0, end) + 1
    rest = part(start) if start else answer(200, FILE, headers=ETAG)
    shopfront.server.answers = [broken_off(end), rest]
    assert_whole(await download(shopfront))
    ranges = [each.headers.get("range") for each in shopfront.server.requests]
    assert ranges == [None, f"bytes={start}-" if start else None]


async def test_a_reset_loses_nothing_that_was_given_out(shopfront: Shopfront) -> None:
    given_out = asyncio.Event()
    end = FILE.index(b"two")
    start = FILE.rfind(b"\n", 0, end) + 1
    reset = answer(
        200, FILE[:end], length=len(FILE), ending=Ending.RESET, until=given_out, headers=ETAG
    )
    shopfront.server.answers = [reset, part(start)]
    assert_whole(await download(shopfront, seen=given_out.set))
    assert shopfront.server.requests[1].headers["range"] == f"bytes={start}-"


async def test_a_silent_server_is_left_and_the_download_goes_on(shopfront: Shopfront) -> None:
    silent = answer(200, FILE[:20], headers=ETAG, length=len(FILE), ending=Ending.SILENCE)
    shopfront.server.answers = [silent, part(FILE.rfind(b"\n", 0, 20) + 1)]
    assert_whole(await download(shopfront))


@pytest.mark.parametrize("place", [number + 1 for number in range(len(FILE)) if FILE[number] == 10])
async def test_a_download_begins_where_it_is_told(shopfront: Shopfront, place: int) -> None:
    shopfront.server.answers = [part(place)]
    assert_whole(await download(shopfront, from_byte=place), from_byte=place)


async def test_a_server_without_ranges_is_read_again_from_the_start(shopfront: Shopfront) -> None:
    shopfront.server.answers = [broken_off(20), answer(200, FILE, headers=ETAG)]
    assert_whole(await download(shopfront))


async def test_another_part_than_was_asked_for_is_not_believed(shopfront: Shopfront) -> None:
    start = FILE.rfind(b"\n", 0, 20) + 1
    whole = part(0)
    shopfront.server.answers = [broken_off(20), whole, part(start, claims=start + 1), part(start)]
    assert_whole(await download(shopfront))
    assert len(shopfront.server.requests) == 4


async def test_a_file_that_ends_where_we_are_is_at_its_end(shopfront: Shopfront) -> None:
    end = answer(416, headers={"Content-Range": f"bytes */{len(FILE)}"})
    shopfront.server.answers = [end]
    assert await download(shopfront, from_byte=len(FILE)) == []


OTHER = FILE.replace(b"three", b"drei!")
SHORT = FILE[:14]
CHANGED = [
    pytest.param(part(14, file=OTHER, etag="second"), id="the rest of another file"),
    pytest.param(answer(200, OTHER, headers={"ETag": '"second"'}), id="another file"),
    pytest.param(answer(200, SHORT[:13]), id="a shorter file"),
    pytest.param(answer(416, headers={"Content-Range": "bytes */13"}), id="a file too short"),
]


@pytest.mark.parametrize("changed", CHANGED)
async def test_a_file_that_becomes_another_is_not_mixed_with_it(
    shopfront: Shopfront, changed: Answer
) -> None:
    shopfront.server.answers = [broken_off(20), changed]
    blocks: list[LineBlock] = []
    with pytest.raises(ResultChangedError) as raised:
        await download(shopfront, blocks=blocks)
    assert isinstance(raised.value, FatalError)
    assert [line for block in blocks for line in block.lines] == LINES[:2]


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_an_address_that_expires_is_said_at_once_and_nothing_is_lost(
    shopfront: Shopfront, status: int
) -> None:
    shopfront.server.answers = [broken_off(20), answer(status, b"<Error>ExpiredToken</Error>")]
    blocks: list[LineBlock] = []
    with pytest.raises(ResultExpiredError, match=f"HTTP {status}") as raised:
        await download(shopfront, blocks=blocks)
    assert isinstance(raised.value, RetryableError)
    assert_no_secret(raised.value)
    assert [line for block in blocks for line in block.lines] == LINES[:2]
    assert len(shopfront.server.requests) == 2


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        pytest.param(answer(503), ShopifyUnavailableError, id="503"),
        pytest.param(answer(429), ThrottledError, id="429"),
        pytest.param(Answer(content=b"", ending=Ending.RESET), ShopifyUnavailableError, id="reset"),
        pytest.param(broken_off(5), ShopifyUnavailableError, id="never a whole line"),
    ],
)
async def test_a_download_without_progress_is_given_up(
    shopfront: Shopfront, failure: Answer, kind: type[SyncError]
) -> None:
    shopfront.server.answers = [failure]
    with pytest.raises(SyncError) as raised:
        await download(shopfront)
    assert type(raised.value) is kind
    assert "signature_secret" not in f"{raised.value!r} {raised.value.__cause__!r}"
    assert len(shopfront.server.requests) == 7
    assert shopfront.clock.waits == _WAITS
    assert shopfront.client.meter.take().retried == 6


async def test_a_wait_that_the_server_asks_for_is_kept(shopfront: Shopfront) -> None:
    shopfront.server.answers = [answer(503, headers={"Retry-After": "3"}), answer(200, FILE)]
    assert_whole(await download(shopfront))
    assert shopfront.clock.waits == [3]


async def test_a_request_that_is_wrong_is_not_made_again(shopfront: Shopfront) -> None:
    shopfront.server.answers = [answer(400)]
    with pytest.raises(QueryRejectedError):
        await download(shopfront)
    assert len(shopfront.server.requests) == 1


async def test_a_last_line_without_its_end_stands_alone_and_is_marked(shopfront: Shopfront) -> None:
    shopfront.server.answers = [answer(200, FILE[:-3])]
    *whole, last = await download(shopfront)
    assert all(not block.is_cut for block in whole)
    assert (last.is_cut, last.lines) == (True, [LINES[-1][:-2]])
    assert last.start_byte == len(FILE) - len(LINES[-1]) - 1


async def test_the_token_of_the_shop_is_not_shown_to_whoever_keeps_the_file(
    shopfront: Shopfront,
) -> None:
    shopfront.server.answers = [answer(200, FILE)]
    await download(shopfront)
    (request,) = shopfront.server.requests
    assert "x-shopify-access-token" not in request.headers
    assert request.headers["accept-encoding"] == "identity"
