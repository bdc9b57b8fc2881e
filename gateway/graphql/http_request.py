"""Reads a GraphQL operation from an HTTP request; what is no operation is refused with a reason.

Source: GraphQL over HTTP, draft of July 2025, graphql.github.io/graphql-over-http.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request

from gateway.graphql.body_limit import MAX_BODY_BYTES, BodyTooLargeError

_METHODS = "GET, POST"
_JSON_PARAMETERS = {"variables", "extensions"}


class RefusedRequestError(Exception):
    """The request holds no operation that can be executed; the text is for the client."""

    def __init__(
        self,
        status: int,
        sentence: str,
        headers: Mapping[str, str] | None = None,
        *,
        code: str = "BAD_REQUEST",
    ) -> None:
        """Keep how to answer."""
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.headers = headers or {}


class OperationRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An operation as a client sends it; a persisted one may come without its text."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


async def read_operation(request: Request) -> OperationRequest:
    """Return the operation in the URL of a GET or in the body of a POST.

    Raises:
        RefusedRequestError: there is none.
    """
    try:
        if request.method == "GET":
            return _from_url(request.query_params)
        if request.method == "POST":
            return await _from_body(request)
    except msgspec.DecodeError as error:  # of which the wrong shape is one
        sentence = f"The request is not a GraphQL operation: {error}."
        raise RefusedRequestError(400, sentence) from None
    except UnicodeDecodeError:
        raise RefusedRequestError(400, "The request is not UTF-8.") from None
    except RecursionError:
        raise RefusedRequestError(400, "The request nests too deeply.") from None
    except ClientDisconnect:
        raise RefusedRequestError(400, "The request broke off.") from None
    except BodyTooLargeError:
        sentence = f"The request is larger than {MAX_BODY_BYTES} bytes."
        raise RefusedRequestError(413, sentence, {"Connection": "close"}) from None
    raise RefusedRequestError(405, f"Use one of {_METHODS}.", {"Allow": _METHODS})


def _from_url(parameters: Mapping[str, str]) -> OperationRequest:
    given = {
        name: msgspec.json.decode(value) if name in _JSON_PARAMETERS else value
        for name, value in parameters.items()
    }
    return msgspec.convert(given, OperationRequest)


async def _from_body(request: Request) -> OperationRequest:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise RefusedRequestError(415, "Send the operation as application/json.")
    return msgspec.json.decode(await request.body(), type=OperationRequest)


def check_variables(variables: dict[str, Any] | None, *, max_values: int, max_depth: int) -> None:
    """See that variables are no more than a client needs, since reading each value takes time.

    Raises:
        RefusedRequestError: there are too many values, or they nest too deeply.
    """
    level: list[Any] = [variables]
    seen = depth = 0
    while level:
        level = [inner for value in level for inner in _inside(value)]
        seen += len(level)
        depth += bool(level)
        if seen > max_values:
            raise RefusedRequestError(400, f"variables: more than {max_values} values.")
        if depth > max_depth:
            raise RefusedRequestError(400, f"variables: more than {max_depth} levels deep.")


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
