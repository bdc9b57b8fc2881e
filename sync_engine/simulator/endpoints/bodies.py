"""Answers that are no data: what Shopify says with each HTTP status.

Source: shopify.dev, "Shopify API response status and error codes"; texts as real answers have them,
as far as they are known.
"""

from collections.abc import Mapping
from secrets import token_hex
from types import MappingProxyType
from typing import Any
from uuid import UUID

from starlette.responses import Response

from sync_engine.simulator.json_text import to_json

UNAUTHORIZED = "[API] Invalid API key or access token (unrecognized login or wrong password)"
TOO_MANY_CALLS = (
    "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted "
    "service."
)
_ERRORS: Mapping[int, str] = MappingProxyType(
    {
        400: "Bad Request",
        401: UNAUTHORIZED,
        402: "Unavailable Shop",
        403: "[API] This action requires merchant approval.",
        404: "Not Found",
        406: "Not Acceptable",
        422: "Unprocessable Entity",
        423: "Locked",
        429: TOO_MANY_CALLS,
        430: "Shopify Security Rejection",
        500: "Internal Server Error",
    }
)
_PAGE = (
    "<!DOCTYPE html><html><head><title>{status}</title></head>"
    "<body><h1>Something went wrong</h1></body></html>"
)


class JsonResponse(Response):
    """JSON with the headers that every Admin answer carries."""

    media_type = "application/json; charset=utf-8"

    def render(self, content: Any) -> bytes:
        """The body."""
        return to_json(content)

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """Headers, with a request id."""
        super().init_headers({"x-request-id": request_id(), **(headers or {})})


def request_id() -> str:
    """An id as `x-request-id` carries it."""
    return str(UUID(token_hex(16)))


def status_response(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """The answer that goes with a status; gateways answer with a page rather than with JSON."""
    error = _ERRORS.get(status)
    extra = {"Retry-After": "2.0", **(headers or {})} if status == 429 else headers  # noqa: PLR2004
    if error is None:
        page = _PAGE.format(status=status)
        return Response(page, status, dict(extra or {}), media_type="text/html; charset=utf-8")
    return JsonResponse({"errors": error}, status, extra)


def errors_response(status: int, errors: Any) -> Response:
    """A body of errors, text or by parameter."""
    return JsonResponse({"errors": errors}, status)
