"""The GraphQL endpoint: who calls is decided before anything is parsed, over HTTP and WebSockets.

The library speaks the WebSocket protocol and executes; requests and answers over HTTP are ours.
"""

import json
from collections.abc import Collection
from datetime import timedelta

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import UNSET
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError, MissingQueryError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UnsetType

from gateway.access.authenticator import Authenticator
from gateway.graphql.accept import AnswerForm, accepted_forms, single_form, stream_form
from gateway.graphql.body_limit import limited
from gateway.graphql.context import Context
from gateway.graphql.errors import UnauthenticatedError, UnavailableError
from gateway.graphql.http_answers import answer, failure, formatted
from gateway.graphql.http_request import (
    OperationRequest,
    RefusedRequestError,
    check_variables,
    read_operation,
)
from gateway.graphql.limits import Limits
from gateway.graphql.loaders.bundle import fresh_loaders
from gateway.graphql.masking import shown_errors
from gateway.graphql.persisted_queries import PersistedQueries
from gateway.graphql.schema import ApiSchema
from gateway.graphql.socket_handler import SocketHandler
from gateway.graphql.streams.framing import framing_of
from gateway.graphql.streams.stream_answer import StreamAnswer
from sync_engine.model.errors import RetryableError

_TRY_AGAIN_LATER = 1013
_OPERATIONS_BY_METHOD = {
    "GET": {OperationType.QUERY},
    "POST": {OperationType.QUERY, OperationType.MUTATION},
}
_HOW_TO_SUBSCRIBE = (
    "A subscription is a stream: accept text/event-stream or multipart/mixed;subscriptionSpec=1.0, "
    "or use a WebSocket with graphql-transport-ws."
)


class GraphQLView(GraphQL[Context, None]):
    """An ASGI application for one path."""

    graphql_transport_ws_handler_class = SocketHandler

    def __init__(
        self,
        schema: ApiSchema,
        authenticator: Authenticator,
        *,
        limits: Limits,
        origins: Collection[str],
    ) -> None:
        """Take the schema, what tells callers apart, and the origins whose pages may call."""
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=limits.connection_init_seconds),
            max_subscriptions_per_connection=limits.subscriptions_per_connection,
        )
        self.limits = limits
        self._authenticator = authenticator
        self._origins = frozenset(origins)
        self._persisted = PersistedQueries(limits.persisted_queries)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or talk over a WebSocket until it closes."""
        if scope["type"] == "http":
            receive = limited(receive, scope)
            response = await self._answer(Request(scope, receive))
            await response(scope, receive, send)
            return
        socket = WebSocket(scope, receive, send)
        origin = socket.headers.get("origin")  # which browsers send and no script can forge
        if origin is None or origin in self._origins:
            await super().__call__(scope, receive, send)
        else:
            await socket.close()  # before it was accepted: the handshake is answered with 403

    def _check_websocket_origin(self, _request: WebSocket) -> bool:
        """Leave the decision to ``__call__``: the library would trust the Host header."""
        return True

    async def _answer(self, request: Request) -> ASGIApp:
        forms = accepted_forms(request.headers.get("accept", ""))
        form = single_form(forms)
        try:
            context = await self.get_context(request, Response())
            await context.check_caller()
            operation = await read_operation(request)
            check_variables(
                operation.variables,
                max_values=self.limits.variable_values,
                max_depth=self.limits.variable_depth,
            )
            query = self._persisted.text_of(operation)
            return await self._execute(request, query, operation, context, forms)
        except UnauthenticatedError as error:
            challenge = {"WWW-Authenticate": "Bearer"}
            return failure(401, error.code, error.message, form, challenge)
        except RetryableError:
            unavailable = UnavailableError()
            patience = {"Retry-After": "2"}
            return failure(503, unavailable.code, unavailable.message, form, patience)
        except RefusedRequestError as refused:
            return failure(refused.status, refused.code, str(refused), form, refused.headers)

    async def _execute(
        self,
        request: Request,
        query: str,
        operation: OperationRequest,
        context: Context,
        forms: list[AnswerForm],
    ) -> ASGIApp:
        if forms[0].is_stream:
            return await self._stream(request, query, operation, context, forms[0])
        try:
            result = await self.schema.execute(
                query,
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
            if error.operation_type is not OperationType.SUBSCRIPTION:
                sentence = "A mutation has to be sent by POST."
                raise RefusedRequestError(405, sentence, {"Allow": "POST"}) from None
            form = stream_form(forms)
            if form is None:
                raise RefusedRequestError(400, _HOW_TO_SUBSCRIBE) from None
            return await self._stream(request, query, operation, context, form)
        if result.errors:
            result.errors = shown_errors(result.errors, context)
        return answer(formatted(result), single_form(forms))

    async def _stream(
        self,
        request: Request,
        query: str,
        operation: OperationRequest,
        context: Context,
        form: AnswerForm,
    ) -> StreamAnswer:
        source = await self.schema.stream(
            query,
            variable_values=operation.variables,
            context_value=context,
            operation_name=operation.operation_name,
            operation_extensions=operation.extensions,
            allowed_operation_types={
                OperationType.SUBSCRIPTION,
                *_OPERATIONS_BY_METHOD[request.method],
            },
        )
        return StreamAnswer(
            source,
            framing_of(form),
            context,
            stopping=request.state.stopping,
            limits=self.limits,
        )

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
            loaders=fresh_loaders(engine),
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
