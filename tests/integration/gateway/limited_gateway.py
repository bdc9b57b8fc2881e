"""A gateway with limits that a test can reach."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from config.settings import Settings
from gateway.app import create_app
from gateway.graphql.limits import Limits
from gateway.serving import listen, serving
from sync_engine.open_engine import Duty, open_engine
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller


@asynccontextmanager
async def limited_gateway(
    settings: Settings,
    *,
    allowed_origins: Sequence[str] = (),
    ping_seconds: float = 20.0,
    **limits: Any,
) -> AsyncIterator[Caller]:
    """Serve with these limits for the duration of the block; yields the operator."""
    app = create_app(
        lambda: open_engine(settings, duty=Duty.NONE),
        operator_token=OPERATOR_TOKEN,
        public_url=settings.public_url,
        allowed_origins=allowed_origins,
        limits=Limits(**limits),
    )
    listener = listen(settings.host, settings.port)
    async with (
        serving(app, listener, ping_seconds=ping_seconds),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", timeout=30) as client,
    ):
        yield Caller(client, OPERATOR_TOKEN)
