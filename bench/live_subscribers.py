"""How soon a write reaches everybody who follows a shop, and what each of them costs."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from sync_engine.model.clock import SystemClock
from sync_engine.model.run import Advance, Run, WriteCounts
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncMode, SyncTrigger
from sync_engine.runs.start_run import start_run
from sync_engine.store.store import Store

_WRITES = 10
_BETWEEN_WRITES_SECONDS = 1.0
_PROGRESS = "subscription { syncProgress { run { stages { processed } } } }"


@dataclass(frozen=True)
class Delivery:
    """What was measured."""

    delays_seconds: Sequence[float]
    expected: int
    bytes_per_subscriber: float

    def percentile_ms(self, share: int) -> float:
        """Return a percentile of the delays."""
        ordered = sorted(self.delays_seconds)
        return 1_000 * ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


async def measure_delivery(
    store: Store, shop: ShopDomain, *, port: int, pid: int, token: str, subscribers: int
) -> Delivery:
    """Follow a run that goes on from so many sockets, and time how each write arrives."""
    await store.leases.acquire(shop, "sync", holder="bench", seconds=3_600)
    run = await _run_under_way(store, shop)
    process = psutil.Process(pid)
    before = process.memory_info().rss
    written: dict[int, float] = {}
    delays: list[float] = []
    sockets: list[ClientConnection] = []
    try:
        while len(sockets) < subscribers:
            sockets += [await _subscribed(port, token)]
        await asyncio.sleep(1)
        grown = process.memory_info().rss - before
        async with asyncio.TaskGroup() as group:
            listeners = [group.create_task(_listen(each, written, delays)) for each in sockets]
            processed = sum(stage.counts.processed for stage in run.stages)
            for number in range(processed + 1, processed + _WRITES + 1):
                written[number] = time.perf_counter()
                step = Advance(now=datetime.now(UTC), counts=WriteCounts(processed=1))
                run = await store.shop(shop).runs.advance(run, Resource.ORDERS, step)
                await asyncio.sleep(_BETWEEN_WRITES_SECONDS)
            await asyncio.sleep(2)
            for listener in listeners:
                listener.cancel()
    finally:
        for socket in sockets:
            socket.transport.abort()
    return Delivery(delays, _WRITES * subscribers, grown / subscribers)


async def _run_under_way(store: Store, shop: ShopDomain) -> Run:
    run, _ = await start_run(
        store.shop(shop),
        mode=SyncMode.INITIAL,
        trigger=SyncTrigger.MANUAL,
        resources=(Resource.ORDERS,),
        strategy=None,
        clock=SystemClock(),
    )
    taken = await store.shop(shop).runs.take_up(run.id, fence=10**6, now=datetime.now(UTC))
    assert taken is not None
    return taken


async def _subscribed(port: int, token: str) -> ClientConnection:
    socket = await connect(
        f"ws://127.0.0.1:{port}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        compression=None,
    )
    payload = {"Authorization": f"Bearer {token}"}
    await socket.send(orjson.dumps({"type": "connection_init", "payload": payload}).decode())
    await socket.recv()
    begin = {"type": "subscribe", "id": "1", "payload": {"query": _PROGRESS}}
    await socket.send(orjson.dumps(begin).decode())
    await socket.recv()  # the state as it stands
    return socket


async def _listen(socket: ClientConnection, written: dict[int, float], delays: list[float]) -> None:
    while True:
        message = orjson.loads(await socket.recv())
        stages = message["payload"]["data"]["syncProgress"]["run"]["stages"]
        number = sum(stage["processed"] for stage in stages)
        delays.append(time.perf_counter() - written[number])
