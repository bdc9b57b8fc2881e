"""A simulation with a client in the same process, and what tests do with it all the time."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
from graphql import GraphQLSchema

from sync_engine.simulator.endpoints.application import create_application
from sync_engine.simulator.shop import SimulatedShop
from sync_engine.simulator.simulation import Simulation, SimulationConfig
from sync_engine.simulator.spec import ShopSpec

JSONL_MARK = "__parentId"
RUN_QUERY = """
mutation ($query: String!, $grouped: Boolean! = false) {
  bulkOperationRunQuery(query: $query, groupObjects: $grouped) {
    bulkOperation { id status objectCount }
    userErrors { code field message }
  }
}
"""
POLL = """
query ($id: ID!) {
  bulkOperation(id: $id) {
    id status errorCode objectCount rootObjectCount fileSize url partialDataUrl completedAt
  }
}
"""


class ManualClock:
    """A base clock that only tests move."""

    def __init__(self) -> None:
        self.seconds = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.seconds

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


class Harness:
    """One simulation, reached through its HTTP endpoints without a socket."""

    simulation: Simulation
    client: httpx.AsyncClient

    def __init__(self, specs: Sequence[str], schema: GraphQLSchema, clock: ManualClock) -> None:
        self._specs = [ShopSpec.parse(text) for text in specs]
        self._schema = schema
        self.clock = clock

    def open(self, *, cache_dir: Path, bulk_seconds: float | None = None) -> None:
        """Start the simulation."""
        config = SimulationConfig(shops=self._specs, cache_dir=cache_dir, bulk_seconds=bulk_seconds)
        self.simulation = Simulation(config, schema=self._schema, base_clock=self.clock)
        transport = httpx.ASGITransport(create_application(self.simulation))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://simulator")

    async def close(self) -> None:
        """Stop the simulation."""
        await self.simulation.stop()
        await self.client.aclose()

    @property
    def domain(self) -> str:
        """Domain of the first shop."""
        return self._specs[0].domain

    @property
    def shop(self) -> SimulatedShop:
        """Records of the first shop."""
        return self.simulation.shops[self.domain].shop

    @property
    def headers(self) -> dict[str, str]:
        """What a custom app of the first shop sends."""
        return {"X-Shopify-Access-Token": self._specs[0].static_token}

    async def post_graphql(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        version: str = "2026-10",
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """The answer to a GraphQL request."""
        return await self.client.post(
            f"/{self.domain}/admin/api/{version}/graphql.json",
            json={"query": query, "variables": variables or {}},
            headers=self.headers if headers is None else headers,
        )

    async def graphql(self, text: str, /, **variables: Any) -> dict[str, Any]:
        """The whole body of an answer."""
        response = await self.post_graphql(text, variables)
        assert response.status_code == 200, response.text
        body = response.json()
        assert isinstance(body, dict)
        return body

    async def data(self, text: str, /, **variables: Any) -> dict[str, Any]:
        """The data of an answer that has no errors."""
        body = await self.graphql(text, **variables)
        assert "errors" not in body, body["errors"]
        data = body["data"]
        assert isinstance(data, dict)
        return data

    async def control(self, method: str, path: str, body: object = None) -> Any:
        """A control request that is granted."""
        content = None if body is None else orjson.dumps(body)
        response = await self.client.request(method, f"/_control/{path}", content=content)
        assert response.status_code in {200, 201}, response.text
        return response.json()

    async def submit(self, query: str, *, grouped: bool = False) -> dict[str, Any]:
        """The payload of bulkOperationRunQuery."""
        data = await self.data(RUN_QUERY, query=query, grouped=grouped)
        payload = data["bulkOperationRunQuery"]
        assert isinstance(payload, dict)
        return payload

    async def poll(self, id_: str) -> dict[str, Any]:
        """A bulk operation as it is now."""
        operation = (await self.data(POLL, id=id_))["bulkOperation"]
        assert isinstance(operation, dict)
        return operation

    async def run_bulk(self, query: str, *, grouped: bool = False) -> dict[str, Any]:
        """The operation once it is over, time moved on for it."""
        payload = await self.submit(query, grouped=grouped)
        assert payload["userErrors"] == []
        id_ = payload["bulkOperation"]["id"]
        await self.settle()
        self.clock.advance(3600)
        return await self.poll(id_)

    async def settle(self) -> None:
        """Let exports that run in the background come to their end."""
        while self.simulation.tasks:
            await asyncio.wait(self.simulation.tasks)
            await asyncio.sleep(0)

    async def lines(self, query: str, *, grouped: bool = False) -> list[dict[str, Any]]:
        """The parsed lines of a bulk result."""
        operation = await self.run_bulk(query, grouped=grouped)
        assert operation["status"] == "COMPLETED", operation
        if operation["url"] is None:
            return []
        response = await self.client.get(operation["url"])
        assert response.status_code == 200
        return [orjson.loads(line) for line in response.content.splitlines()]


async def pages(harness: Harness, root: str, node: str, *, size: int = 7) -> list[dict[str, Any]]:
    """All nodes of a root connection, page by page."""
    query = f"""query ($after: String) {{ {root}(first: {size}, after: $after, sortKey: ID) {{
        nodes {{ {node} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        connection = (await harness.data(query, after=after))[root]
        found += connection["nodes"]
        if not connection["pageInfo"]["hasNextPage"]:
            return found
        after = connection["pageInfo"]["endCursor"]
