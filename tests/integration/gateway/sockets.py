"""Subscriptions over a WebSocket, by a client that we did not write."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport

from config.settings import Settings


@asynccontextmanager
async def subscribed(
    settings: Settings, token: str, document: str
) -> AsyncIterator[AsyncGenerator[dict[str, Any]]]:
    """Yield the events of a subscription, which has reached the server by then."""
    transport = WebsocketsTransport(
        url=f"ws://127.0.0.1:{settings.port}/graphql",
        init_payload={"Authorization": f"Bearer {token}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with (
        Client(transport=transport) as session,
        aclosing(session.subscribe(gql(document))) as events,
    ):
        yield events
