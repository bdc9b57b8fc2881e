"""Automatic persisted queries, by Apollo's protocol."""

import hashlib
import json
from typing import Any

import httpx

from config.settings import Settings
from tests.integration.gateway.conftest import Caller
from tests.integration.gateway.limited_gateway import limited_gateway

QUERY = "{ viewer { kind } }"
DATA = {"viewer": {"kind": "OPERATOR"}}


def named(query: str, **changes: Any) -> dict[str, Any]:
    digest = hashlib.sha256(query.encode()).hexdigest()
    return {"persistedQuery": {"version": 1, "sha256Hash": digest} | changes}


async def post(caller: Caller, **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {caller.token}"}
    return await caller.http.post("/graphql", json=body, headers=headers)


async def get(caller: Caller, extensions: dict[str, Any]) -> httpx.Response:
    headers = {"Authorization": f"Bearer {caller.token}"}
    parameters = {"extensions": json.dumps(extensions)}
    return await caller.http.get("/graphql", params=parameters, headers=headers)


async def test_a_query_is_asked_by_its_hash_once_it_was_sent(settings: Settings) -> None:
    async with limited_gateway(settings, persisted_queries=2) as operator:
        for unknown in (
            await get(operator, named(QUERY)),
            await post(operator, extensions=named(QUERY)),
        ):
            assert unknown.status_code == 200
            assert unknown.json() == {
                "errors": [
                    {
                        "message": "PersistedQueryNotFound",
                        "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
                    }
                ]
            }
        assert (await post(operator, query=QUERY, extensions=named(QUERY))).json()["data"] == DATA
        assert (await get(operator, named(QUERY))).json()["data"] == DATA
        assert (await post(operator, extensions=named(QUERY))).json()["data"] == DATA
        for other in ("{ viewer { scopes } }", "{ viewer { shop { id } } }"):
            await post(operator, query=other, extensions=named(other))
        forgotten = (await get(operator, named(QUERY))).json()
        assert forgotten["errors"][0]["message"] == "PersistedQueryNotFound"


async def test_a_hash_that_is_not_the_querys_stores_nothing(operator: Caller) -> None:
    refused = await post(operator, query="{ viewer { scopes } }", extensions=named(QUERY))
    assert refused.status_code == 400
    assert "sha256Hash" in refused.json()["errors"][0]["message"]
    assert (await get(operator, named(QUERY))).json()["errors"]
    for bad in (named(QUERY, version=2), named(QUERY, sha256Hash="x"), {"persistedQuery": 1}):
        assert (await post(operator, query=QUERY, extensions=bad)).status_code == 400
    assert (await post(operator, extensions={})).status_code == 400


async def test_the_protocol_can_be_turned_off(settings: Settings) -> None:
    async with limited_gateway(settings, persisted_queries=0) as operator:
        (error,) = (await get(operator, named(QUERY))).json()["errors"]
        assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_SUPPORTED"
        assert await operator.data(QUERY) == DATA
