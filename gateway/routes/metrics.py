"""``/metrics``, for Prometheus: what this process did, and how things stand.

Metrics name no shop, but they say how many there are and how busy: so they want a credential. That
of the operator will do; better is one that is good for nothing else. An exception for requests from
this machine would let everybody in through a proxy on it.
"""

import asyncio
import hmac
from collections.abc import Collection
from datetime import timedelta

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.observing.observatory import Observatory
from sync_engine.engine import Engine
from sync_engine.model.errors import SyncError

_LOOK_SECONDS = 2.0
_FRESH_SECONDS = 5.0
_NO_STORE = {"Cache-Control": "no-store"}

log = structlog.get_logger(__name__)


class MetricsRoutes:
    """Looks how things stand at most every few seconds, however often it is asked."""

    def __init__(self, observatory: Observatory, tokens: Collection[str]) -> None:
        """Take what is measured, and the bearer tokens that may see it."""
        self._observatory = observatory
        self._tokens = [token.encode() for token in tokens if token]
        self._looked_at: float | None = None
        self._looking = asyncio.Lock()

    def routes(self) -> list[Route]:
        """Return the routes to mount."""
        return [Route("/metrics", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """Answer in Prometheus' text format."""
        if not self._may_see(request.headers.get("authorization", "")):
            challenge = {"WWW-Authenticate": "Bearer", **_NO_STORE}
            return PlainTextResponse("A token is needed.\n", status_code=401, headers=challenge)
        engine: Engine = request.state.engine
        async with self._looking:
            now = engine.clock.monotonic_seconds()
            if self._looked_at is None or now - self._looked_at >= _FRESH_SECONDS:
                await self._look(engine)
                self._looked_at = engine.clock.monotonic_seconds()
        # Thousands of lines: written beside the event loop, which goes on serving.
        text, content_type = await asyncio.to_thread(self._observatory.exposition)
        return Response(text, headers={"Content-Type": content_type, **_NO_STORE})

    def _may_see(self, authorization: str) -> bool:
        scheme, _, given = authorization.strip().partition(" ")
        text = given.strip().encode(errors="replace")
        found = [hmac.compare_digest(token, text) for token in self._tokens]
        return scheme.lower() == "bearer" and any(found)

    async def _look(self, engine: Engine) -> None:
        state, store = self._observatory.state, engine.store
        today = engine.clock.now().date()
        state.caches = engine.caches
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                backlog = await store.backlogs.look()
                days = [
                    await store.engagement.of_all(day) for day in (today, today - timedelta(days=1))
                ]
        except (SyncError, TimeoutError) as error:
            log.warning("metrics.look_failed", reason=str(error) or "took too long")
            state.backlog, state.engagement = None, ()
        else:
            state.backlog, state.engagement = backlog, days
