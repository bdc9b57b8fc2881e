"""For whoever watches the process: is it alive, can it serve."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sync_engine.engine import Engine

_NO_STORE = {"Cache-Control": "no-store"}

log = structlog.get_logger(__name__)

Ping = Callable[[Engine], Awaitable[None]]
"""Asks a dependency for a sign of life; raises where none comes."""

NO_PINGS: Mapping[str, Ping] = MappingProxyType({})


async def _ping_mongodb(engine: Engine) -> None:
    await engine.store.ping()


class HealthRoutes:
    """``/healthz`` depends on nothing; ``/readyz`` asks each dependency for a sign of life."""

    def __init__(self, patience_seconds: float, pings: Mapping[str, Ping] = NO_PINGS) -> None:
        """Take how long each may need for its sign of life, and what there is beside MongoDB."""
        self._patience_seconds = patience_seconds
        self._pings: dict[str, Ping] = {"mongodb": _ping_mongodb, **pings}

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
        """Say of each dependency whether it answers; 503 where one does not."""
        engine: Engine = request.state.engine
        async with asyncio.TaskGroup() as group:
            asked = {
                name: group.create_task(self._ask(name, ping, engine))
                for name, ping in self._pings.items()
            }
        dependencies = {name: task.result() for name, task in asked.items()}
        is_ready = all(each == "ok" for each in dependencies.values())
        status = "ready" if is_ready else "not ready"
        content = {"status": status, "dependencies": dependencies}
        return JSONResponse(content, status_code=200 if is_ready else 503, headers=_NO_STORE)

    async def _ask(self, name: str, ping: Ping, engine: Engine) -> str:
        """Return in a word how it went; what went wrong stands in the log, not in the answer."""
        try:
            async with asyncio.timeout(self._patience_seconds):
                await ping(engine)
        except TimeoutError:
            return "timeout"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not ready
            log.warning("ready.unavailable", dependency=name, reason=type(error).__name__)
            return "unavailable"
        return "ok"
