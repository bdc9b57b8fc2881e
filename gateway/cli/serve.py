"""``echosignal serve`` and ``echosignal worker``: the long-running processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from rich.console import Console
from starlette.applications import Starlette

from config.settings import GraphqlSettings, Settings
from gateway.access.same_origin import OwnOrigin
from gateway.access.session_cookie import SessionCookie
from gateway.app import READY_SECONDS, create_app
from gateway.cli.observing import metrics_routes, observatory, pings
from gateway.cli.required_secrets import require_encryption_keys, require_secrets
from gateway.graphql.limits import Limits
from gateway.observing.observatory import Observatory
from gateway.routes.health import HealthRoutes
from gateway.routes.install_cookie import InstallCookie
from gateway.routes.oauth import OAuthRoutes
from gateway.serving import listen, serving
from gateway.worker_app import create_worker_app
from sync_engine.engine import Engine
from sync_engine.open_engine import Duty, open_engine


def gateway_app(settings: Settings, observed: Observatory) -> Starlette:
    """Return the gateway for these settings; the engine opens with it.

    With Redis set, runs are left to workers; without it this process works on them.
    """
    duty = Duty.EVERYTHING if settings.redis_url is None else Duty.NONE

    def open_with_app() -> AbstractAsyncContextManager[Engine]:
        return open_engine(settings, duty=duty, telemetry=observed.telemetry)

    operator = settings.operator_token
    keys = [key.get_secret_value() for key in settings.encryption_keys]
    origin = OwnOrigin(settings.public_url)
    session_cookie = SessionCookie(keys, origin)
    install_cookie = InstallCookie(keys, is_secure=origin.is_secure)
    return create_app(
        open_with_app,
        operator_token=operator.get_secret_value() if operator else None,
        session_cookie=session_cookie,
        public_url=settings.public_url,
        allowed_origins=settings.graphql.allowed_origins,
        limits=_limits(settings.graphql),
        routes=[
            *OAuthRoutes(settings.public_url, install_cookie, session_cookie).routes(),
            *metrics_routes(settings, observed).routes(),
        ],
        pings=pings(settings),
        telemetry=observed.telemetry,
    )


def _limits(settings: GraphqlSettings) -> Limits:
    return Limits(**settings.model_dump(exclude={"allowed_origins"}))


@asynccontextmanager
async def serving_gateway(settings: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """Serve the gateway for the duration of the block; yields the task that serves.

    Raises:
        AddressInUseError: something else listens there.
        SyncError: MongoDB cannot be had.
        CommandError: traces are asked for and cannot be had.
    """
    listener = listen(settings.host, settings.port)
    async with (
        observatory(settings) as observed,
        serving(gateway_app(settings, observed), listener) as server,
    ):
        yield server


async def serve(settings: Settings, console: Console) -> None:
    """Serve until told to stop.

    Raises:
        CommandError: something is missing without which serving would be insecure.
    """
    require_secrets(settings)
    async with serving_gateway(settings) as server:
        console.print(f"Serving on http://{settings.host}:{settings.port}; Ctrl-C stops.")
        console.print(f"Installs begin at {settings.public_url}/auth/shopify?shop=…")
        await asyncio.wait([server])


async def work(settings: Settings, console: Console) -> None:
    """Work on runs until told to stop.

    Raises:
        CommandError: there are no keys to read shops' tokens with.
        AddressInUseError: something else listens where metrics are to be shown.
    """
    require_encryption_keys(settings)
    async with AsyncExitStack() as stack:
        observed = await stack.enter_async_context(observatory(settings))
        engine = await stack.enter_async_context(
            open_engine(settings, duty=Duty.EVERYTHING, telemetry=observed.telemetry)
        )
        port = settings.metrics.worker_port
        if port is not None:
            routes = [
                *HealthRoutes(READY_SECONDS, pings(settings)).routes(),
                *metrics_routes(settings, observed).routes(),
            ]
            listener = listen(settings.host, port)
            await stack.enter_async_context(serving(create_worker_app(engine, routes), listener))
        console.print("Working; Ctrl-C stops, and the next start goes on.")
        await asyncio.Event().wait()
