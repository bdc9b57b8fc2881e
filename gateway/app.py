"""Puts the web application together. Opens nothing itself: the engine comes with the lifespan."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypedDict
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute

from gateway.access.authenticator import Authenticator
from gateway.access.session_cookie import SessionCookie
from gateway.engagement_log import EngagementLog
from gateway.graphql.limits import Limits
from gateway.graphql.schema import build_schema
from gateway.graphql.view import GraphQLView
from gateway.observing.door_telemetry import SILENT_DOOR, DoorTelemetry
from gateway.request_log import RequestLog
from gateway.routes.health import NO_PINGS, HealthRoutes, Ping
from gateway.routes.home import home_route
from gateway.routes.webhooks import WebhookRoutes
from gateway.security_headers import SecurityHeaders
from gateway.stopping import Stopping
from sync_engine.engine import Engine

GRAPHQL_PATH = "/graphql"

READY_SECONDS = 2.0
_WEBHOOK_SECONDS = 4.0  # Shopify hangs up after five

EngineOpener = Callable[[], AbstractAsyncContextManager[Engine]]


class AppState(TypedDict):
    """What every request finds in ``request.state``, beside its own ``correlation_id``.

    The server takes ``stopping`` from here and says when it begins to stop.
    """

    engine: Engine
    stopping: Stopping


def create_app(
    open_engine: EngineOpener,
    *,
    operator_token: str | None,
    session_cookie: SessionCookie | None = None,
    public_url: str,
    allowed_origins: Sequence[str] = (),
    limits: Limits | None = None,
    routes: Sequence[BaseRoute] = (),
    ready_seconds: float = READY_SECONDS,
    webhook_seconds: float = _WEBHOOK_SECONDS,
    pings: Mapping[str, Ping] = NO_PINGS,
    telemetry: DoorTelemetry = SILENT_DOOR,
) -> Starlette:
    """Return the gateway.

    Args:
        open_engine: opens the engine at start-up; it is closed at shutdown.
        operator_token: the operator's bearer token; without one nobody is an operator.
        session_cookie: what lets browsers in; without it only tokens do.
        public_url: where browsers reach this gateway.
        allowed_origins: other origins whose pages may call the API.
        limits: what one caller may ask for.
        routes: further routes, such as those of OAuth; they find the engine in their state.
        ready_seconds: how long each dependency may need to answer ``/readyz``.
        webhook_seconds: how long MongoDB may need to store a webhook.
        pings: what else must answer before requests can be served.
        telemetry: hears of requests, operations and webhooks.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[AppState]:
        async with open_engine() as engine, engagement.storing(engine):
            yield {"engine": engine, "stopping": Stopping()}

    limits = limits or Limits()
    origins = [origin_of(public_url), *allowed_origins]
    engagement = EngagementLog()
    view = GraphQLView(
        build_schema(limits, telemetry, engagement),
        Authenticator(operator_token, session_cookie),
        limits=limits,
        origins=origins,
    )
    return Starlette(
        routes=[
            home_route(),
            Route(GRAPHQL_PATH, view),
            WebSocketRoute(GRAPHQL_PATH, view),
            *WebhookRoutes(webhook_seconds, telemetry).routes(),
            *HealthRoutes(ready_seconds, pings).routes(),
            *routes,
        ],
        middleware=[
            Middleware(RequestLog, telemetry=telemetry),
            Middleware(SecurityHeaders, is_https=public_url.startswith("https:")),
            Middleware(
                CORSMiddleware,
                allow_origins=origins,
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization", "Content-Type", "X-Request-Id"],
                expose_headers=["Retry-After", "X-Request-Id"],
                max_age=600,
            ),
        ],
        exception_handlers={Exception: _failed},
        lifespan=lifespan,
    )


def origin_of(url: str) -> str:
    """Return the origin of an address as browsers write it."""
    parts = urlsplit(url.lower())
    default_port = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, default_port} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


async def _failed(request: Request, _error: Exception) -> JSONResponse:
    """Answer where something of ours failed; the server logs the exception."""
    correlation_id = request.state.correlation_id
    extensions = {"code": "INTERNAL_SERVER_ERROR", "correlationId": correlation_id}
    return JSONResponse(
        {"errors": [{"message": "internal error", "extensions": extensions}]},
        status_code=500,
        headers={"X-Request-Id": correlation_id},
    )
