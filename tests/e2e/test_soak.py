"""A shop that never rests, webhooks that go astray, a Shopify that fails, and a gateway that dies.

After one reconciliation the copy is what a first sync would make of the shop as it then is.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync_engine.model.run import Run
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncState, SyncStrategy
from sync_engine.store.store import Store
from tests.e2e.conftest import MakeEnvironment
from tests.e2e.program import Program, start_program
from tests.integration.sync.stored_records import stored_records
from tests.simulator_process import Simulator, simulator
from tests.unused_port import unused_port
from tests.waiting import ended_run, until

SPEC = "soak:customers=400:products=150:orders=1500:plan=unmetered:token=shpat_soak"
OPERATOR = {"Authorization": "Bearer operator-token-of-the-tests"}
ROUNDS = 25
DISTURBANCES = {"drop": 0.1, "double": 0.1, "delay": 0.1, "delay_seconds": [0.1, 5], "reorder": 0.2}
FAULTS: list[dict[str, Any]] = [
    {"action": {"type": "status", "status": 503}, "probability": 0.03},
    {"action": {"type": "throttle"}, "probability": 0.02},
    {"action": {"type": "reset"}, "probability": 0.02},
    {"action": {"type": "reset", "after_bytes": 300}, "probability": 0.02},
    {"action": {"type": "respond", "body": "<html>", "status": 200}, "probability": 0.01},
    {"action": {"type": "hang", "seconds": 1}, "probability": 0.02},
    {"kind": "download", "action": {"type": "cut", "after_bytes": 5000}, "probability": 0.1},
    {
        "kind": "graphql",
        "action": {"type": "graphql_error", "code": "INTERNAL_SERVER_ERROR", "message": "x"},
        "probability": 0.02,
    },
    {
        "kind": "bulk_submit",
        "action": {"type": "bulk", "status": "FAILED", "error_code": "INTERNAL_SERVER_ERROR"},
        "probability": 0.2,
    },
]


class Soaked:
    """A shop's gateway, which is killed and started again."""

    def __init__(self, environment: dict[str, str], shop: ShopDomain) -> None:
        self.port = unused_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.shop = shop
        self._environment = environment | {
            "ECHOSIGNAL_PORT": str(self.port),
            "ECHOSIGNAL_PUBLIC_URL": self.url,
            "ECHOSIGNAL_LOG_LEVEL": "ERROR",
            "ECHOSIGNAL_SYNC_BATCH_RECORDS": "100",
            "ECHOSIGNAL_SYNC_FEW_RECORDS": "0",
        }
        self._program: Program | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._program = await start_program("serve", environment=self._environment)
        self._reading = asyncio.create_task(self._read_on(self._program))
        await until(self._is_ready)

    async def kill_9(self) -> None:
        if self._program is not None:
            await self._program.kill_9()
        if self._reading is not None:
            await self._reading

    async def ask(self, query: str, **variables: Any) -> Any:
        async with httpx.AsyncClient(timeout=60) as http:
            body = {"query": query, "variables": {"shop": self.shop, **variables}}
            answer = await http.post(f"{self.url}/graphql", json=body, headers=OPERATOR)
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    async def sync(self, mode: str, strategy: SyncStrategy | None = None) -> None:
        """Start a sync, or leave it where one is under way."""
        started = await self.ask(
            """mutation($shop: ShopDomain, $mode: SyncMode!, $strategy: SyncStrategy) {
                startSync(input: {shop: $shop, mode: $mode, strategy: $strategy}) {
                    userErrors { message } } }""",
            mode=mode,
            strategy=strategy,
        )
        assert started["startSync"]["userErrors"] == []

    async def _is_ready(self) -> bool:
        async with httpx.AsyncClient() as http:
            with suppress(httpx.TransportError):
                return (await http.get(f"{self.url}/readyz")).status_code == 200
        return False

    @staticmethod
    async def _read_on(program: Program) -> None:
        while await program.line():
            pass


@asynccontextmanager
async def soaked(environment: dict[str, str], shopify: Simulator) -> AsyncIterator[Soaked]:
    """Yield a gateway that has read the shop and hears of its changes."""
    (shop,) = shopify.domains
    gateway = Soaked(environment, shop)
    await gateway.start()
    try:
        connected = await gateway.ask(
            """mutation($shop: ShopDomain!) { connectShop(input: {
                domain: $shop, accessToken: "shpat_soak"}) { userErrors { message } } }"""
        )
        assert connected["connectShop"]["userErrors"] == []

        async def is_subscribed() -> bool:
            return len(shopify.control("GET", f"/shops/{shop}/subscriptions")) >= 15

        await until(is_subscribed)
        yield gateway
    finally:
        await gateway.kill_9()


async def live(gateway: Soaked, shopify: Simulator, chance: random.Random) -> None:
    """Let the shop live for a while, with everything going wrong now and then."""
    for number in range(ROUNDS):
        seed = chance.randrange(10**6)
        shopify.control(
            "POST", f"/shops/{gateway.shop}/churn", edits=25, seed=seed, advance_seconds=2
        )
        if number % 4 == 1:
            await gateway.sync("INCREMENTAL", chance.choice([None, *SyncStrategy]))
        if number % 6 == 5:
            await gateway.kill_9()
            await gateway.start()
        if number % 8 == 7:
            await gateway.sync("RECONCILE")


async def settled(store: Store, gateway: Soaked, shopify: Simulator) -> Run:
    """Let everything come to rest, reconcile once and return that run."""
    shopify.control("DELETE", "/faults")
    shopify.control("POST", f"/shops/{gateway.shop}/webhooks/disturb")
    await ended_run(store, gateway.shop, within_seconds=300)
    shopify.control("POST", "/clock", advance_seconds=30)
    shopify.control("POST", "/webhooks/drain", within_seconds=5)

    async def is_inbox_empty() -> bool:
        return gateway.shop not in await store.intake.shops_waiting()

    await until(is_inbox_empty, within_seconds=120)
    await gateway.sync("RECONCILE")
    return await ended_run(store, gateway.shop, within_seconds=300)


@pytest.mark.nightly
@pytest.mark.timeout(900)
async def test_after_a_wild_life_and_one_reconciliation_the_copy_is_exact(
    store: Store, make_environment: MakeEnvironment, tmp_path: Path
) -> None:
    seed = random.randrange(10**6)
    print(f"soak with seed {seed}")  # noqa: T201 - to be able to repeat it
    chance = random.Random(seed)
    arguments = ("--bulk-seconds", "0.2")
    with simulator(SPEC, cache=tmp_path, arguments=arguments) as shopify:
        async with soaked(make_environment(shopify), shopify) as gateway:
            await ended_run(store, gateway.shop)
            shopify.control(
                "POST", f"/shops/{gateway.shop}/webhooks/disturb", seed=seed, **DISTURBANCES
            )
            shopify.control("POST", "/webhooks", retry_over_seconds=60)
            for fault in FAULTS:
                shopify.control("POST", "/faults", seed=chance.randrange(10**6), **fault)
            await live(gateway, shopify, chance)
            run = await settled(store, gateway, shopify)
            assert run.state is SyncState.SUCCEEDED, run.message
            found = await stored_records(store.shop(gateway.shop))

            await store.purge(gateway.shop)
            await gateway.ask(
                """mutation($shop: ShopDomain!) { connectShop(input: {
                    domain: $shop, accessToken: "shpat_soak", startSync: false}) {
                        userErrors { message } } }"""
            )
            await gateway.sync("INITIAL", SyncStrategy.BULK)
            assert (await ended_run(store, gateway.shop)).state is SyncState.SUCCEEDED
            wanted = await stored_records(store.shop(gateway.shop))
    for resource, have, expected in zip(Resource, found, wanted, strict=True):
        assert {each.id for each in have} == {each.id for each in expected}, resource
        assert have == expected, resource
