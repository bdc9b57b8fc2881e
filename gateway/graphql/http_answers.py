"""How answers are written over HTTP: the media type that the client prefers, errors as GraphQL.

Source: GraphQL over HTTP, draft of July 2025, graphql.github.io/graphql-over-http.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"


def preferred_media_type(accept: str) -> str:
    """Return which of our two media types an ``Accept`` header asks for; JSON when in doubt."""
    wanted: dict[str, tuple[float, int]] = {}
    for place, part in enumerate(accept.split(",")):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        wanted.setdefault(name.lower(), (_quality(parameters), -place))
    refused = (0.0, 0)
    graphql = wanted.get(GRAPHQL_RESPONSE, refused)
    return GRAPHQL_RESPONSE if graphql > wanted.get(JSON, refused) else JSON


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def answer(result: Mapping[str, Any], media_type: str) -> Response:
    """Return the answer to a request that could be read.

    Without ``data`` nothing was executed, which the newer media type says by its status; in the
    older one every answer that was understood is a 200.
    """
    is_refusal = media_type == GRAPHQL_RESPONSE and "data" not in result
    return _response(result, media_type, 400 if is_refusal else 200, {})


def failure(
    status: int,
    code: str,
    message: str,
    media_type: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer to a request that was not executed, in the shape of a GraphQL error."""
    errors = [{"message": message, "extensions": {"code": code}}]
    return _response({"errors": errors}, media_type, status, headers or {})


def _response(
    content: Mapping[str, Any], media_type: str, status: int, headers: Mapping[str, str]
) -> Response:
    return Response(
        orjson.dumps(content),
        status_code=status,
        media_type=media_type,
        headers={"Cache-Control": "no-store", "Vary": "Accept", **headers},
    )
