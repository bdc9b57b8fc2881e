"""The GraphQL endpoint: who calls is decided before anything is parsed, over HTTP and WebSockets.

The library speaks the WebSocket protocol and executes; requests and answers over HTTP are ours.
"""

import json
from datetime import timedelta
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import UNSET
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError, MissingQueryError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UnsetType

from gateway.access.authenticator import Authenticator
from gateway.graphql.body_limit import limited
from gateway.graphql.context import Context
from gateway.graphql.errors import UnauthenticatedError, UnavailableError
from gateway.graphql.http_answers import answer, failure, preferred_media_type
from gateway.graphql.http_request import RefusedRequestError, read_operation
from gateway.graphql.loaders.bundle import fresh_loaders
from gateway.graphql.schema import ApiSchema
from gateway.graphql.socket_handler import SocketHandler
from sync_engine.model.errors import RetryableError

_INIT_SECONDS = 10
_TRY_AGAIN_LATER = 1013
_OPERATIONS_BY_METHOD = {
    "GET": {OperationType.QUERY},
    "POST": {OperationType.QUERY, OperationType.MUTATION},
}


class GraphQLView(GraphQL[Context, None]):
    """An ASGI application for one path."""

    graphql_transport_ws_handler_class = SocketHandler

    def __init__(self, schema: ApiSchema, authenticator: Authenticator) -> None:
        """Take the schema and what tells callers apart."""
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=_INIT_SECONDS),
        )
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or talk over a WebSocket until it closes."""
        if scope["type"] == "http":
            response = await self._answer(Request(scope, limited(receive, scope)))
            await response(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        media_type = preferred_media_type(request.headers.get("accept", ""))
        try:
            context = await self.get_context(request, Response())
            await context.check_caller()
            result = await self._execute(request, context)
        except UnauthenticatedError as error:
            challenge = {"WWW-Authenticate": "Bearer"}
            return failure(401, error.code, error.message, media_type, challenge)
        except RetryableError:
            unavailable = UnavailableError()
            patience = {"Retry-After": "2"}
            return failure(503, unavailable.code, unavailable.message, media_type, patience)
        except RefusedRequestError as refused:
            return failure(refused.status, "BAD_REQUEST", str(refused), media_type, refused.headers)
        return answer(_formatted(result), media_type)

    async def _execute(self, request: Request, context: Context) -> ExecutionResult:
        operation = await read_operation(request)
        try:
            return await self.schema.execute(
                operation.query,
                variable_values=operation.variables,
                context_value=context,
                operation_name=operation.operation_name,
                operation_extensions=operation.extensions,
                allowed_operation_types=_OPERATIONS_BY_METHOD[request.method],
            )
        except MissingQueryError:
            raise RefusedRequestError(400, "The query is empty.") from None
        except CannotGetOperationTypeError as error:
            raise RefusedRequestError(400, error.as_http_error_reason()) from None
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.SUBSCRIPTION:
                sentence = "Subscriptions need a WebSocket with graphql-transport-ws."
                raise RefusedRequestError(400, sentence) from None
            sentence = "A mutation has to be sent by POST."
            raise RefusedRequestError(405, sentence, {"Allow": "POST"}) from None

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        """Return the context of a request, or of a socket whose caller is not known yet."""
        engine = request.state.engine
        return Context(
            engine=engine,
            authenticator=self._authenticator,
            correlation_id=request.state.correlation_id,
            authorization=request.headers.get("authorization"),
            cookie=self._authenticator.cookie_of(request),
            loaders=fresh_loaders(engine.store),
            socket=response if isinstance(response, WebSocket) else None,
        )

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """Decide who a socket is by its handshake or the payload of ``connection_init``."""
        context.take_connection_params()
        try:
            await context.check_caller()
        except UnauthenticatedError:
            raise ConnectionRejectionError from None
        except RetryableError:
            if context.socket is not None:
                await context.socket.close(_TRY_AGAIN_LATER, "Try again later")
            raise WebSocketDisconnected from None
        no_payload: UnsetType = UNSET
        return no_payload

    def decode_json(self, data: str | bytes) -> object:
        """Read a message of the WebSocket protocol, which is always an object."""
        message = orjson.loads(data)
        if not isinstance(message, dict):
            text = data if isinstance(data, str) else ""
            raise json.JSONDecodeError("not an object", text, 0)
        return message

    def encode_json(self, data: object) -> str:
        """Write a message of the WebSocket protocol: text, for bytes would be a binary frame."""
        return orjson.dumps(data).decode()


def _formatted(result: ExecutionResult) -> dict[str, Any]:
    """Return the result as JSON has it; without ``data`` where nothing was executed."""
    errors = [error.formatted for error in result.errors or ()]
    if errors and result.data is None and not any("path" in error for error in errors):
        return {"errors": errors}
    return {"data": result.data, **({"errors": errors} if errors else {})}
