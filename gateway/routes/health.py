"""For whoever watches the process: is it alive, can it serve."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sync_engine.engine import Engine
from sync_engine.model.errors import StoreUnavailableError

_NO_STORE = {"Cache-Control": "no-store"}


class HealthRoutes:
    """``/healthz`` depends on nothing; ``/readyz`` asks MongoDB for a sign of life."""

    def __init__(self, patience_seconds: float) -> None:
        """Take how long MongoDB may need for its sign of life."""
        self._patience_seconds = patience_seconds

    def routes(self) -> list[Route]:
        """Return the routes to mount."""
        return [
            Route("/healthz", self.is_alive, methods=["GET"]),
            Route("/readyz", self.is_ready, methods=["GET"]),
        ]

    async def is_alive(self, _request: Request) -> JSONResponse:
        """Answer."""
        return JSONResponse({"status": "alive"}, headers=_NO_STORE)

    async def is_ready(self, request: Request) -> JSONResponse:
        """Say whether requests can be served; with 503, what it is that is not ready."""
        engine: Engine = request.state.engine
        try:
            async with asyncio.timeout(self._patience_seconds):
                await engine.store.ping()
        except (StoreUnavailableError, TimeoutError):
            content = {"status": "not ready", "not_ready": ["mongodb"]}
            return JSONResponse(content, status_code=503, headers=_NO_STORE)
        return JSONResponse({"status": "ready"}, headers=_NO_STORE)
