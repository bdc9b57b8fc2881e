"""Makes what measures and traces a long-running process, from its settings."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from config.settings import Settings
from gateway.cli.running import CommandError
from gateway.observing.observatory import Observatory
from gateway.observing.tracing import TracingUnavailableError, open_tracing
from gateway.routes.health import Ping
from gateway.routes.metrics import MetricsRoutes
from gateway.routes.redis_ping import RedisPing


@asynccontextmanager
async def observatory(settings: Settings) -> AsyncIterator[Observatory]:
    """Measure for the duration of the block; what is traced is sent at its end.

    Raises:
        CommandError: traces are asked for and cannot be had.
    """
    endpoint = settings.tracing.endpoint
    if endpoint is None:
        yield Observatory()
        return
    try:
        tracing = open_tracing(endpoint)
    except TracingUnavailableError as error:
        raise CommandError(str(error)) from error
    try:
        yield Observatory(tracing)
    finally:
        await asyncio.to_thread(tracing.close)


def metrics_routes(settings: Settings, observed: Observatory) -> MetricsRoutes:
    """Return ``/metrics`` for those who may see it."""
    secrets = (settings.metrics.token, settings.operator_token)
    return MetricsRoutes(observed, [each.get_secret_value() for each in secrets if each])


def pings(settings: Settings) -> dict[str, Ping]:
    """Return what must answer beside MongoDB."""
    url = settings.redis_url
    return {} if url is None else {"redis": RedisPing(url.get_secret_value())}
