"""A shop that does not answer for long: its run is left alone for a while and then goes on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorClient

from sync_engine.installation.connect_shop import connect_shop
from sync_engine.installation.token_keepers import TokenKeepers
from sync_engine.jobs.local import LocalDispatcher
from sync_engine.jobs.run_worker import RunOptions, RunWorker
from sync_engine.kpis.keeper import RollupKeeper
from sync_engine.model.clock import SystemClock
from sync_engine.model.errors import CircuitOpenError
from sync_engine.model.run import Run
from sync_engine.model.shop import AccessGrant
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, ShopStatus, SyncMode, SyncState, SyncTrigger
from sync_engine.runs.start_run import start_run
from sync_engine.shopify.app_credentials import AppCredentials
from sync_engine.shopify.connection import open_shopify
from sync_engine.sources.operation_follower import BulkPatience
from sync_engine.store.store import Store
from tests.integration.sync.stored_records import stored_records
from tests.manual_clock import ManualClock
from tests.simulator_process import API_KEY, API_SECRET, Simulator, simulator
from tests.truth import expected_records

SHOP = ShopDomain("silent.myshopify.com")
_CONNECTING = 1  # the question who the token belongs to
_MOST_TRIES = 5
_STEP_SECONDS = 0.1
_FIRST_REST_SECONDS = 30
_LEAST_REST_SECONDS = 2.0  # what a run rests whatever has interrupted it


@pytest.fixture
def shopify(tmp_path: Path) -> Iterator[Simulator]:
    """Yield a simulator with one small shop."""
    spec = "silent:customers=20:products=10:orders=30:plan=unmetered"
    with simulator(spec, cache=tmp_path, arguments=("--bulk-seconds", "0")) as running:
        yield running


class Worker:
    """A dispatcher with its worker, and what became of each time that it worked on the run."""

    def __init__(self, store: Store, worker: RunWorker, clock: ManualClock) -> None:
        self.store = store
        self.clock = clock
        self.ends: list[CircuitOpenError | None] = []
        self.begun = 0
        self._worker = worker
        self.dispatcher = LocalDispatcher(self._work, worker.give_up, at_once=1, clock=clock)

    async def _work(self, shop: ShopDomain, run_id: str) -> None:
        self.begun += 1
        try:
            await self._worker.work_on(shop, run_id)
        except CircuitOpenError as error:
            self.ends.append(error)
            raise
        self.ends.append(None)

    async def until_end(self, number: int) -> CircuitOpenError | None:
        """Let time pass until it has worked on the run so many times."""
        async with asyncio.timeout(60):
            while len(self.ends) < number:
                self.clock.advance(_STEP_SECONDS)  # little by little: answers take real time
                await asyncio.sleep(0.001)
        await asyncio.sleep(0)
        return self.ends[-1]

    async def until_rest(self, number: int) -> float:
        """Let time pass until it has given up so many times; returns for how long it rests."""
        return self.rest_after(await self.until_end(number))

    def rest_after(self, error: CircuitOpenError | None) -> float:
        """Return for how long it rests: what the error asks for, or twice as long as before."""
        assert error is not None
        return max(error.retry_after_seconds or 0.0, _LEAST_REST_SECONDS ** len(self.ends))

    def leaves_alone(self, run: Run, seconds: float) -> bool:
        """Whether it will not begin before so many seconds have passed, but for the last."""
        begun = self.begun
        for _ in range(4):
            self.dispatcher.dispatch(run.shop, run.id)
            self.clock.advance((seconds - 1) / 4)
        self.dispatcher.dispatch(run.shop, run.id)
        return self.begun == begun

    async def run(self) -> Run:
        run = await self.store.shop(SHOP).runs.latest()
        assert run is not None
        return run


@pytest_asyncio.fixture
async def worker(store: Store, shopify: Simulator) -> AsyncIterator[Worker]:
    """Yield a worker whose time the test makes, with the shop connected."""
    clock = ManualClock()
    app = AppCredentials(
        api_key=API_KEY,
        api_secret=API_SECRET,
        previous_api_secret=None,
        api_version="2026-10",
        scopes=(),
        base_url=shopify.base_url,
    )
    options = RunOptions(
        batch_records=10,
        lease_seconds=3600,
        few_records=0,
        overlap_seconds=300,
        patience=BulkPatience(),
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(store.feed.open())
        opened = await stack.enter_async_context(open_shopify(app, clock, requests_per_second=1000))
        grant = AccessGrant(access_token="shpat_silent")
        await connect_shop(SHOP, grant, shopify=opened, shops=store.shops, clock=SystemClock())
        keepers = TokenKeepers(store, opened.oauth, holder="the test", clock=clock)
        rollups = RollupKeeper(store, holder="the test", clock=clock)
        runs = RunWorker(store, opened, keepers, rollups, options=options, clock=clock)
        found = Worker(store, runs, clock)
        await stack.enter_async_context(found.dispatcher.open())
        yield found


def requests(shopify: Simulator) -> int:
    return sum(int(kind["requests"]) for kind in shopify.counters(SHOP).values())


async def run_of_a_shop_that_is_away(worker: Worker, shopify: Simulator) -> Run:
    run, _ = await start_run(
        worker.store.shop(SHOP),
        mode=SyncMode.INITIAL,
        trigger=SyncTrigger.MANUAL,
        resources=list(Resource),
        strategy=None,
        clock=worker.clock,
    )
    away = {"type": "status", "status": 503}
    shopify.control("POST", "/faults", shop=SHOP, times=None, action=away)
    return run


async def test_a_run_rests_while_its_shop_is_away_and_goes_on_when_it_is_back(
    worker: Worker, shopify: Simulator
) -> None:
    run = await run_of_a_shop_that_is_away(worker, shopify)

    worker.dispatcher.dispatch(SHOP, run.id)
    rest = await worker.until_rest(1)
    assert _LEAST_REST_SECONDS <= rest <= _FIRST_REST_SECONDS
    interrupted = await worker.run()
    assert (interrupted.state, interrupted.error_count) == (SyncState.RUNNING, 0)
    assert interrupted.usage.requests == requests(shopify) - _CONNECTING
    assert interrupted.usage.failed > interrupted.usage.requests / 2
    assert interrupted.usage.retried > 0
    shop = await worker.store.shops.get(SHOP)
    assert shop is not None
    assert shop.status is ShopStatus.ACTIVE

    asked = requests(shopify)
    assert worker.leaves_alone(run, rest)
    worker.clock.advance(2)
    worker.dispatcher.dispatch(SHOP, run.id)
    rest = await worker.until_rest(2)
    assert requests(shopify) == asked + 1

    shopify.control("DELETE", "/faults")
    while worker.ends[-1] is not None:
        assert worker.leaves_alone(run, rest)
        worker.clock.advance(2)
        worker.dispatcher.dispatch(SHOP, run.id)
        error = await worker.until_end(len(worker.ends) + 1)
        rest = 0.0 if error is None else worker.rest_after(error)
        assert worker.begun <= _MOST_TRIES
    ended = await worker.run()
    assert (ended.id, ended.state, ended.message) == (run.id, SyncState.SUCCEEDED, None)
    assert ended.fruitless_count == 0
    assert ended.usage.requests > ended.usage.failed > interrupted.usage.failed
    assert ended.resumed_count == worker.begun - 1
    found = await stored_records(worker.store.shop(SHOP))
    for wanted, have in zip(expected_records(shopify.truth(SHOP)), found, strict=True):
        assert have == wanted


async def test_a_run_that_gets_nowhere_again_and_again_ends_and_says_why(
    worker: Worker, shopify: Simulator, mongodb_uri: str, database_name: str
) -> None:
    run = await run_of_a_shop_that_is_away(worker, shopify)
    worker.dispatcher.dispatch(SHOP, run.id)
    rest = await worker.until_rest(1)
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongodb_uri)
    runs = client[database_name]["sync_runs"]
    await runs.update_one({"_id": run.id}, {"$set": {"fruitless_count": 300}})
    client.close()

    worker.clock.advance(rest + 1)
    worker.dispatcher.dispatch(SHOP, run.id)
    assert await worker.until_end(2) is None
    ended = await worker.run()
    assert (ended.id, ended.state) == (run.id, SyncState.FAILED)
    assert "could not be read: " in str(ended.message)
    shop = await worker.store.shops.get(SHOP)
    assert shop is not None
    assert shop.status is ShopStatus.ACTIVE
