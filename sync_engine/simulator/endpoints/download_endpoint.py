"""`GET /{shop}/bulk/{file}`: result files of bulk operations, as a storage service serves them.

No token is needed, the URL is signed. Ranges work, so a broken download can go on where it broke.
Files are sent as they are, never compressed.

Source: shopify.dev, "Perform bulk operations with the GraphQL Admin API" (URLs expire after seven
days); RFC 9110 for ranges.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp

from sync_engine.simulator.bulk.operation import BulkOperation
from sync_engine.simulator.endpoints.admission import open_record, struck
from sync_engine.simulator.endpoints.disturbance import DisturbedResponse
from sync_engine.simulator.faults.actions import Action, DropId, ExpireUrl, MalformLine
from sync_engine.simulator.oauth.signing import is_same, url_signature
from sync_engine.simulator.request_log import RequestRecord
from sync_engine.simulator.simulation import Simulation

_NAME = re.compile(r"(\d+)(-partial)?\.jsonl")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_CHUNK_BYTES = 1 << 18
_DENIED = (
    "<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code>"
    "<Message>{message}</Message></Error>"
)


class Span(Struct, frozen=True):
    """Bytes of a file: from `start` to before `end`."""

    start: int
    end: int


class Patch(Struct, frozen=True):
    """Bytes to send in place of those at an offset, as many as there were."""

    offset: int
    content: bytes


class DownloadEndpoint:
    """Serves the result files of all shops."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    async def handle(self, request: Request) -> ASGIApp:
        """Answer one request."""
        simulation = self._simulation
        name = request.path_params["file"]
        shop = request.path_params["shop"]
        record = open_record(simulation, request, shop=shop, kind="download", operation=name)
        action, answer = struck(simulation, record, request.url.path)
        if answer is None:
            answer = self._answer(request, record, action, name)
        return answer if action is None else DisturbedResponse(answer, action)

    def _answer(
        self, request: Request, record: RequestRecord, action: Action | None, name: str
    ) -> Response:
        state = self._simulation.shops.get(record.shop)
        match = _NAME.fullmatch(name)
        operation = None if state is None or match is None else state.operations.find(int(match[1]))
        if match is None or operation is None or operation.export is None:
            return _refusal(404, "NoSuchKey", "The specified key does not exist.")
        refusal = self._url_refusal(request, operation)
        if refusal is not None:
            return refusal
        if isinstance(action, ExpireUrl):
            operation.is_url_expired = True
        size = operation.export.size_bytes
        path = operation.export.path
        if match[2]:
            size = _first_half(path, operation.export.line_count)
        return _file(request, record, path, size, _patches(path, action))

    def _url_refusal(self, request: Request, operation: BulkOperation) -> Response | None:
        query = request.query_params
        expires, signature = query.get("Expires", ""), query.get("Signature", "")
        if not expires.isdigit():
            return _refusal(403, "AccessDenied", "Access denied.")
        right = url_signature(self._simulation.url_secret, request.url.path, int(expires))
        if not is_same(right, signature):
            return _refusal(403, "SignatureDoesNotMatch", "Access denied.")
        if operation.is_url_expired or self._simulation.clock.now() >= int(expires):
            return _refusal(403, "ExpiredToken", "The provided token has expired.")
        return None


def requested_span(header: str | None, size: int) -> Span | None:
    """The part of a file that a Range header asks for; the whole of it for no usable header.

    Returns:
        None when the range lies outside the file (416).
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return Span(0, size)
    first, last = match.groups()
    if not first:
        wanted = int(last)
        return Span(max(0, size - wanted), size) if wanted and size else None
    start = int(first)
    end = min(size, int(last) + 1) if last else size
    if start >= size or (last and int(last) < start):
        return None
    return Span(start, end)


def _file(
    request: Request, record: RequestRecord, path: Path, size: int, patches: list[Patch]
) -> Response:
    etag = f'"{path.stem}-{size:x}"'
    headers = {"Accept-Ranges": "bytes", "ETag": etag, "Cache-Control": "private, max-age=0"}
    wanted = request.headers.get("range")
    if wanted is not None and request.headers.get("if-range") not in {None, etag}:
        wanted = None
    span = requested_span(wanted, size)
    if span is None:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(status_code=416, headers=headers)
    is_part = wanted is not None and _RANGE.fullmatch(wanted.strip()) is not None
    if is_part:
        record.range_start = span.start
        headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{size}"
    headers["Content-Length"] = str(span.end - span.start)
    return StreamingResponse(
        _chunks(path, span, patches),
        status_code=206 if is_part else 200,
        headers=headers,
        media_type="application/jsonl",
    )


async def _chunks(path: Path, span: Span, patches: list[Patch]) -> AsyncIterator[bytes]:
    place = span.start
    with path.open("rb") as file:
        file.seek(place)
        while place < span.end:
            chunk = file.read(min(_CHUNK_BYTES, span.end - place))
            if not chunk:
                return
            for patch in patches:
                chunk = _patched(chunk, place, patch)
            yield chunk
            place += len(chunk)


def _patched(chunk: bytes, place: int, patch: Patch) -> bytes:
    start = max(place, patch.offset)
    end = min(place + len(chunk), patch.offset + len(patch.content))
    if start >= end:
        return chunk
    new = patch.content[start - patch.offset : end - patch.offset]
    return chunk[: start - place] + new + chunk[end - place :]


def _patches(path: Path, action: Action | None) -> list[Patch]:
    if not isinstance(action, MalformLine | DropId):
        return []
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if number == action.line:
                if isinstance(action, MalformLine):
                    return [Patch(offset, line.rstrip(b"\n")[:-1] + b"]\n")]
                return [Patch(offset, line.replace(b'"id":', b'"_d":', 1))]
            offset += len(line)
    return []


def _first_half(path: Path, line_count: int) -> int:
    with path.open("rb") as file:
        return sum(len(line) for _, line in zip(range(line_count // 2), file, strict=False))


def _refusal(status: int, code: str, message: str) -> Response:
    body = _DENIED.format(code=code, message=message)
    return Response(body, status, media_type="application/xml; charset=UTF-8")
