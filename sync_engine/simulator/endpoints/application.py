"""The application: every URL of the simulated platform."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sync_engine.simulator.control.churn_routes import ChurnControl
from sync_engine.simulator.control.firing_routes import FiringControl
from sync_engine.simulator.control.platform_routes import PlatformControl
from sync_engine.simulator.control.shop_routes import ShopControl
from sync_engine.simulator.control.token_routes import TokenControl
from sync_engine.simulator.control.webhook_routes import WebhookControl
from sync_engine.simulator.endpoints.bodies import status_response
from sync_engine.simulator.endpoints.download_endpoint import DownloadEndpoint
from sync_engine.simulator.endpoints.graphql_endpoint import GraphqlEndpoint
from sync_engine.simulator.endpoints.oauth_endpoint import OauthEndpoint
from sync_engine.simulator.endpoints.recording import RecordingLayer
from sync_engine.simulator.endpoints.rest_endpoint import RestEndpoint
from sync_engine.simulator.simulation import Simulation


def create_application(simulation: Simulation) -> ASGIApp:
    """The ASGI application of a simulation. The shop's domain is the first part of each path."""
    graphql = GraphqlEndpoint(simulation)
    download = DownloadEndpoint(simulation)
    oauth = OauthEndpoint(simulation)
    rest = RestEndpoint(simulation)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await simulation.stop()

    routes = [
        *PlatformControl(simulation).routes(),
        *ShopControl(simulation).routes(),
        *TokenControl(simulation).routes(),
        *WebhookControl(simulation).routes(),
        *FiringControl(simulation).routes(),
        *ChurnControl(simulation).routes(),
        Route("/{shop}/admin/api/{version}/graphql.json", graphql.handle, methods=["POST"]),
        Route("/{shop}/admin/api/graphql.json", graphql.handle, methods=["POST"]),
        *rest.routes(),
        Route("/{shop}/bulk/{file}", download.handle, methods=["GET"]),
        Route("/{shop}/admin/oauth/authorize", oauth.authorize, methods=["GET"]),
        Route("/{shop}/admin/oauth/access_token", oauth.token, methods=["POST"]),
        Route("/{path:path}", _nowhere),
    ]
    return RecordingLayer(Starlette(routes=routes, lifespan=lifespan), simulation.log)


async def _nowhere(_request: Request) -> Response:
    return status_response(404)
