"""Who has no credential learns nothing: not a field, not a type, not whether a query is right."""

import json

import httpx
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from config.settings import Settings
from tests.integration.gateway.conftest import Caller

QUERIES = (
    "{ __schema { types { name } } }",
    '{ __type(name: "Shop") { fields { name } } }',
    "{ shp }",
    "{ viewer { kind } }",
    "mutation { startSync(input: {}) { created } }",
    "subscription { syncProgress { stage } }",
    "{",
    "",
)
REFUSAL = {
    "errors": [
        {
            "message": "No credential was sent: send 'Authorization: Bearer <token>'.",
            "extensions": {"code": "UNAUTHENTICATED"},
        }
    ]
}


def same(response: httpx.Response) -> None:
    assert response.status_code == 401
    assert response.json() == REFUSAL


async def test_every_request_of_nobody_is_answered_the_same(nobody: Caller) -> None:
    for query in QUERIES:
        for accept in ("*/*", "text/event-stream", "multipart/mixed;subscriptionSpec=1.0"):
            headers = {"Accept": accept}
            same(await nobody.http.post("/graphql", json={"query": query}, headers=headers))
            same(await nobody.http.get("/graphql", params={"query": query}, headers=headers))
    same(await nobody.http.get("/graphql", headers={"Accept": "text/html"}))
    same(await nobody.http.post("/graphql", content=b"\xff" * 100))
    same(await nobody.http.post("/graphql", content=b"x" * 2_000_000))
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    same(await nobody.http.post("/graphql", json={"extensions": persisted}))
    same(await nobody.http.put("/graphql"))


async def test_every_socket_of_nobody_is_closed(nobody: Caller, settings: Settings) -> None:
    del nobody  # the gateway runs
    payloads: list[dict[str, object]] = [{}, {"payload": {}}, {"payload": {"Authorization": [1]}}]
    for payload in payloads:
        async with connect(
            f"ws://127.0.0.1:{settings.port}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
        ) as socket:
            await socket.send(json.dumps({"type": "connection_init", **payload}))
            await socket.wait_closed()
            assert socket.close_code == 4403
