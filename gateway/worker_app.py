"""What a worker answers: whether it is alive and ready, and what it measures. Nothing else."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from gateway.app import AppState
from gateway.stopping import Stopping
from sync_engine.engine import Engine


def create_worker_app(engine: Engine, routes: Sequence[BaseRoute]) -> Starlette:
    """Return an application over an engine that is open already."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[AppState]:
        yield {"engine": engine, "stopping": Stopping()}

    return Starlette(routes=routes, lifespan=lifespan)
