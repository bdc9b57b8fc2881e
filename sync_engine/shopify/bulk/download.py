"""Downloads the result of an export line by line, without holding it, and goes on after breaks."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx

from sync_engine.model.clock import Clock
from sync_engine.model.errors import FatalError, RetryableError, ShopifyUnavailableError
from sync_engine.shopify.client import ShopifyClient
from sync_engine.shopify.failures import network_error, status_error

_BREAKS_WITHOUT_PROGRESS = 6
_MAX_PAUSE_SECONDS = 30.0
_MAX_LINE_BYTES = 64 * 1024 * 1024
_EXPIRED = {403, 404, 410}
_PARTIAL_CONTENT = 206
_RANGE_NOT_SATISFIABLE = 416
_PART_BEGINS = re.compile(r"bytes (\d+)-")
_FILE_ENDS = re.compile(r"bytes \*/(\d+)")


class ResultExpiredError(RetryableError):
    """The address of the result is no good any more; the operation may have a fresh one."""


class ResultChangedError(FatalError):
    """The address leads to another file than before: what was read of it does not fit the rest."""


class LineBlock:
    """Lines that arrived together, without their line feeds, and where the first of them begins.

    ``is_cut`` says that the only line is the file's last and has no line feed.
    """

    __slots__ = ("is_cut", "lines", "start_byte")

    def __init__(self, start_byte: int, lines: list[bytes], *, is_cut: bool = False) -> None:
        """Take lines and the offset of the first."""
        self.start_byte = start_byte
        self.lines = lines
        self.is_cut = is_cut


async def download_lines(
    client: ShopifyClient, url: str, *, from_byte: int, clock: Clock
) -> AsyncGenerator[LineBlock]:
    """Yield the lines of the file from an offset, which must be the beginning of a line.

    A broken connection is taken up again at the last whole line, as long as there is progress. A
    last line without a line feed comes in a block of its own.

    Raises:
        ResultExpiredError: the address has expired; nothing after the last block was lost.
        ResultChangedError: the rest of the file is not that of what was read.
        ShopifyUnavailableError: the connection broke again and again without a single new line.
        FatalError: Shopify answers with another status.
    """
    result = _Result(client, url)
    position, breaks = from_byte, 0
    while True:
        rest = b""
        try:
            async with aclosing(result.chunks(position)) as chunks:
                async for chunk in chunks:
                    lines = (rest + chunk).split(b"\n") if rest else chunk.split(b"\n")
                    rest = lines.pop()
                    if len(rest) > _MAX_LINE_BYTES:
                        message = f"a line of the export is longer than {_MAX_LINE_BYTES} bytes"
                        raise ShopifyUnavailableError(message)
                    if lines:
                        block = LineBlock(position, lines)
                        position += sum(map(len, lines)) + len(lines)
                        breaks = 0
                        yield block
        except ResultExpiredError:
            raise
        except RetryableError as error:
            breaks += 1
            if breaks > _BREAKS_WITHOUT_PROGRESS:
                raise
            client.downloads.add(retried=1)
            pause = error.retry_after_seconds
            await clock.sleep(min(_MAX_PAUSE_SECONDS, 2.0**breaks / 4) if pause is None else pause)
        else:
            if rest:
                yield LineBlock(position, [rest], is_cut=True)
            return


class _Result:
    """The file behind an address, which must stay the same from the first request to the last."""

    def __init__(self, client: ShopifyClient, url: str) -> None:
        """Know nothing of the file yet."""
        self._client = client
        self._url = url
        self._etag: str | None = None

    async def chunks(self, position: int) -> AsyncGenerator[bytes]:
        """Yield the bytes from the position on, whether or not the server does ranges."""
        headers = {"Accept-Encoding": "identity"}
        if position:
            headers["Range"] = f"bytes={position}-"
        await self._client.wait_for_window()
        self._client.downloads.add(requests=1)
        try:
            async with self._client.pool.stream("GET", self._url, headers=headers) as response:
                if response.status_code == _RANGE_NOT_SATISFIABLE:
                    _check_end(response, position)
                    return
                self._check(response)
                skip = position - _first_byte(response, position)
                async for chunk in response.aiter_raw():
                    self._client.downloads.add(bytes_downloaded=len(chunk))
                    if skip >= len(chunk):
                        skip -= len(chunk)
                        continue
                    yield chunk[skip:] if skip else chunk
                    skip = 0
        except httpx.HTTPError as error:
            raise network_error(error) from error
        if skip:
            raise ResultChangedError("the file of the export is shorter than what was read of it")

    def _check(self, response: httpx.Response) -> None:
        if response.status_code in _EXPIRED:
            message = f"the address of the result has expired (HTTP {response.status_code})"
            raise ResultExpiredError(message)
        found = status_error(response.status_code, response.headers)
        if found is not None:
            raise found
        etag = response.headers.get("etag")
        if self._etag is not None and etag is not None and etag != self._etag:
            raise ResultChangedError("the file of the export changed while it was read")
        self._etag = etag or self._etag


def _first_byte(response: httpx.Response, position: int) -> int:
    """Return where in the file the body begins."""
    if response.status_code != _PARTIAL_CONTENT:
        return 0
    span = _PART_BEGINS.match(response.headers.get("content-range", ""))
    if span is None or int(span[1]) != position:
        raise ShopifyUnavailableError("another part of the export came than was asked for")
    return position


def _check_end(response: httpx.Response, position: int) -> None:
    """Make sure that the file ends exactly where we are, where the server says where it ends."""
    span = _FILE_ENDS.match(response.headers.get("content-range", ""))
    if span is not None and int(span[1]) != position:
        raise ResultChangedError("the file of the export is shorter than what was read of it")
