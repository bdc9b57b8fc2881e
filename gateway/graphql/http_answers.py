"""How single answers are written over HTTP: in the media type preferred, errors as GraphQL.

Source: GraphQL over HTTP, draft of July 2025, graphql.github.io/graphql-over-http.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response
from strawberry.types import ExecutionResult

from gateway.graphql.accept import AnswerForm
from gateway.graphql.errors import (
    ThrottledError,
    TimedOutError,
    TooManyOperationsError,
    UnavailableError,
)

_STATUS_BY_CODE = {
    ThrottledError.code: 429,
    TooManyOperationsError.code: 429,
    TimedOutError.code: 503,
    UnavailableError.code: 503,
    "INTERNAL_SERVER_ERROR": 500,
}


def formatted(result: ExecutionResult) -> dict[str, Any]:
    """Return a result as JSON has it; without ``data`` where nothing was executed."""
    content: dict[str, Any] = {}
    errors = [error.formatted for error in result.errors or ()]
    if not errors or result.data is not None or any("path" in error for error in errors):
        content["data"] = result.data
    if errors:
        content["errors"] = errors
    if result.extensions:
        content["extensions"] = result.extensions
    return content


def answer(result: Mapping[str, Any], form: AnswerForm) -> Response:
    """Return the answer to a request that could be read.

    Without ``data`` nothing was executed, which the newer media type says by its status; in the
    older one every answer that was understood is a 200, as it is at Shopify.
    """
    if "data" in result:
        return _response(result, form, 200, {})
    extensions = result["errors"][0].get("extensions", {})
    seconds = extensions.get("retryAfterSeconds")
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    status = _STATUS_BY_CODE.get(extensions.get("code"), 400)
    return _response(result, form, 200 if form is AnswerForm.JSON else status, headers)


def failure(
    status: int,
    code: str,
    message: str,
    form: AnswerForm,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer to a request that was not executed, in the shape of a GraphQL error."""
    errors = [{"message": message, "extensions": {"code": code}}]
    return _response({"errors": errors}, form, status, headers or {})


def _response(
    content: Mapping[str, Any], form: AnswerForm, status: int, headers: Mapping[str, str]
) -> Response:
    return Response(
        orjson.dumps(content),
        status_code=status,
        media_type=form.value,
        headers={"Cache-Control": "no-store", "Vary": "Accept", **headers},
    )
