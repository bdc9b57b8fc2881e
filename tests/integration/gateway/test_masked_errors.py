"""What goes wrong on our side is told by an id that stands in the log, over every transport."""

import json
import re

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from config.settings import Settings
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import SHOP, batch, commit, connected_shop, order, run_under_way
from tests.integration.gateway.conftest import OPERATOR_TOKEN, Caller

QUERY = f'{{ shop(domain: "{SHOP}") {{ orders {{ nodes {{ name }} }} }} }}'


def masked_id(text: str) -> str:
    """Return the id of the one error, and see that nothing else is told of it."""
    assert '"message":"internal error"' in text
    assert "secret" not in text
    (found,) = re.findall(r'"correlationId":"([^"]+)"', text)
    return str(found)


async def test_our_failures_are_masked_over_every_transport(
    operator: Caller,
    settings: Settings,
    store: Store,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    await connected_shop(store)
    await commit(store, await run_under_way(store), Resource.ORDERS, batch(order(1)))
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(
        settings.mongodb.uri.get_secret_value() if settings.mongodb.uri else None
    )
    broken = {"$set": {"tags": "secret of the database"}}  # which is no list
    await client[settings.mongodb.database]["orders"].update_one({}, broken)
    client.close()
    ids = []
    for accept in ("application/json", "text/event-stream"):
        headers = {"Authorization": f"Bearer {OPERATOR_TOKEN}", "Accept": accept}
        response = await operator.http.post("/graphql", json={"query": QUERY}, headers=headers)
        ids.append(masked_id(response.text))
        assert ids[-1] == response.headers["x-request-id"]
    async with connect(
        f"ws://127.0.0.1:{settings.port}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
    ) as socket:
        payload: dict[str, object] = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        await socket.recv()
        payload = {"query": QUERY}
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        ids.append(masked_id(str(await socket.recv())))
    printed = capsys.readouterr()  # where the log goes depends on what other tests have set up
    log = (printed.out + printed.err + caplog.text).splitlines()
    for given in ids:
        assert any("graphql.failed" in line and given in line for line in log)
