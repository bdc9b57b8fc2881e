"""How fast a first sync is, beside a floor: `python -m bench.initial_sync [orders] [rounds]`.

The floor reads the same export, parses each line with orjson and inserts it as it is, without
mapping, joining, indexes, refunds, checkpoints or a promise of any kind. Both run in processes of
their own, on an embedded MongoDB of their own, one after the other, several times. The ratio is
what counts: absolute figures are the machine's.

The simulated shop's allowance is unmetered and ours out of reach, so that limits are not what is
measured.
"""

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvloop
from cryptography.fernet import Fernet
from motor.motor_asyncio import AsyncIOMotorClient

from config.settings import load_settings
from gateway.cli.running import tune_interpreter
from sync_engine.engine import Engine
from sync_engine.model.shop import AccessGrant
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import (
    Resource,
    SyncMode,
    SyncPhase,
    SyncState,
    SyncTrigger,
)
from sync_engine.open_engine import Duty, open_engine
from sync_engine.shopify.bulk.export_query import Window, export_query
from sync_engine.store.embedded.server import open_embedded_mongod

SHOP = ShopDomain("bench.myshopify.com")
TOKEN = "shpat_bench"  # noqa: S105 - of a simulated shop
_FLOOR_BATCH = 1_000
_FLOOR_IN_FLIGHT = 3


@contextmanager
def simulated_shop(orders: int, customers: int = 1_000) -> Iterator[str]:
    """Run a simulator with one large shop and yield its URL."""
    spec = f"bench:orders={orders}:customers={customers}:products=1000:plan=unmetered:jsonl=mixed"
    command = [sys.executable, "-m", "sync_engine.simulator", "--port", "0", "--shop", spec]
    with subprocess.Popen(  # noqa: S603 - ours
        [*command, "--bulk-seconds", "0.1"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().removeprefix("listening on ").strip()
        process.terminate()


def exported_url(simulator: str) -> str:
    """Let the simulator export the orders as our engine asks for them; returns where they are."""
    client = httpx.Client(
        base_url=f"{simulator}/{SHOP}/admin/api/2026-10",
        headers={"X-Shopify-Access-Token": TOKEN},
        timeout=600,
    )
    run = "mutation($q: String!) { bulkOperationRunQuery(query: $q) { bulkOperation { id } } }"
    query = export_query(Resource.ORDERS, Window())
    answer = client.post("/graphql.json", json={"query": run, "variables": {"q": query}}).json()
    operation = answer["data"]["bulkOperationRunQuery"]["bulkOperation"]["id"]
    poll = "query($id: ID!) { bulkOperation(id: $id) { status url } }"
    while True:
        body = {"query": poll, "variables": {"id": operation}}
        found = client.post("/graphql.json", json=body).json()["data"]["bulkOperation"]
        if found["status"] == "COMPLETED":
            url: str = found["url"]
            return url


async def floor(url: str, directory: Path) -> float:
    """Parse and insert every line as it is; returns the seconds."""
    async with open_embedded_mongod(directory) as mongod:
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongod.uri)
        lines = client["floor"]["lines"]
        slots = asyncio.Semaphore(_FLOOR_IN_FLIGHT)

        async def insert(documents: list[dict[str, Any]]) -> None:
            try:
                await lines.insert_many(documents, ordered=False)
            finally:
                slots.release()

        began = time.perf_counter()
        async with (
            asyncio.TaskGroup() as group,
            httpx.AsyncClient(timeout=60) as http,
            http.stream("GET", url) as response,
        ):
            rest, batch = b"", []
            async for chunk in response.aiter_raw():
                parts = (rest + chunk).split(b"\n")
                rest = parts.pop()
                batch += [orjson.loads(part) for part in parts]
                if len(batch) >= _FLOOR_BATCH:
                    await slots.acquire()
                    group.create_task(insert(batch))
                    batch = []
            if batch:
                await slots.acquire()
                group.create_task(insert(batch))
        return time.perf_counter() - began


async def ours(simulator: str, directory: Path) -> float:
    """Sync the orders; returns the seconds from the first of them to the last."""
    return await _synced(simulator, directory, [Resource.ORDERS])


async def whole(simulator: str, directory: Path) -> float:
    """Sync a shop; returns the seconds from the wish for it to its end."""
    return await _synced(simulator, directory, None)


async def _synced(simulator: str, directory: Path, resources: list[Resource] | None) -> float:
    settings = load_settings(
        data_dir=directory,
        encryption_keys=Fernet.generate_key().decode(),
        shopify={"base_url": f"{simulator}/{{shop}}", "requests_per_second": 10_000},
    )
    async with open_engine(settings, duty=Duty.WHAT_IS_ASKED) as engine:
        await engine.connect(SHOP, AccessGrant(access_token=TOKEN))
        return await _sync_seconds(engine, resources)


async def _sync_seconds(engine: Engine, resources: list[Resource] | None) -> float:
    began = None if resources else time.perf_counter()
    with engine.store.run_feed.listen(SHOP) as changes:
        await engine.start_sync(
            SHOP,
            mode=SyncMode.INITIAL,
            trigger=SyncTrigger.MANUAL,
            resources=resources or list(Resource),
        )
        while True:
            run = await changes.next()
            phase = run.stage(Resource.ORDERS).phase
            if began is None and phase is SyncPhase.TRANSFERRING:
                began = time.perf_counter()
            if not run.state.is_active:
                assert run.state is SyncState.SUCCEEDED, run.message
                assert began is not None
                return time.perf_counter() - began


def child(role: str, address: str) -> None:
    """Be one side of the comparison, and print what it took."""
    tune_interpreter()
    with tempfile.TemporaryDirectory() as directory:
        work = {"floor": floor, "ours": ours, "whole": whole}[role]
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            seconds = runner.run(work(address, Path(directory)))
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_mib": used.ru_maxrss / 1024,
    }
    print(json.dumps(figures))


def measured(role: str, address: str) -> dict[str, float]:
    """Run one side in a process of its own."""
    command = [sys.executable, "-m", "bench.initial_sync", f"--{role}", address]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
    return measured_figures(done.stdout)


def measured_figures(printed: str) -> dict[str, float]:
    """Return what a child has printed last."""
    figures: dict[str, float] = json.loads(printed.splitlines()[-1])
    return figures


def main(orders: int, rounds: int) -> None:
    """Compare and print."""
    with simulated_shop(orders) as simulator:
        url = exported_url(simulator)
        ratios = []
        print(f"{orders:,} orders; per round: orders/s, CPU seconds and peak MiB of the process")
        for number in range(1, rounds + 1):
            low, high = measured("floor", url), measured("ours", simulator)
            ratios.append(low["seconds"] / high["seconds"])
            print(
                f"  round {number}: floor {_shown(orders, low)}   ours {_shown(orders, high)}"
                f"   ours/floor {ratios[-1]:.0%}",
                flush=True,
            )
        print(f"ours/floor, median: {statistics.median(ratios):.0%}")


def _shown(orders: int, figures: dict[str, float]) -> str:
    rate = orders / figures["seconds"]
    return f"{rate:>7,.0f}/s {figures['cpu_seconds']:>5.1f} s {figures['peak_mib']:>4.0f} MiB"


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1].startswith("--"):
        child(sys.argv[1].removeprefix("--"), sys.argv[2])
    else:
        given = [int(argument) for argument in sys.argv[1:]]
        main(*(given + [100_000, 3][len(given) :]))
