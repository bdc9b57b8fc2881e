"""How many webhooks are taken in: `python -m bench.webhooks [seconds] [--kill]`.

A simulated shop sends 20,000 a minute to `echosignal serve`, both on this machine, over HTTP and
signed. Every answer is timed at the sender, and at the end MongoDB has to hold each event once.
With `--kill` the gateway is killed with -9 half way and started again; what was not answered is
sent again, as Shopify does.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet
from motor.motor_asyncio import AsyncIOMotorClient

from gateway.serving import free_port
from sync_engine.store.embedded.server import open_embedded_mongod

PER_MINUTE = 20_000
SHOP = "burst.myshopify.com"
TOKEN = "shpat_burst"  # noqa: S105 - of a simulated shop
OPERATOR = "operator-token-of-the-benchmark"
SECRET = "secret-of-the-benchmark"  # noqa: S105
CONNECT = f"""mutation {{ connectShop(input: {{domain: "{SHOP}", accessToken: "{TOKEN}"}}) {{
    userErrors {{ message }} }} }}"""


@asynccontextmanager
async def simulator(cache: Path) -> AsyncIterator[str]:
    """Run a simulator with the shop and yield its URL."""
    spec = f"burst:orders=5000:customers=1000:products=200:plan=unmetered:token={TOKEN}"
    process = subprocess.Popen(  # noqa: S603, ASYNC220 - ours, and nothing else runs yet
        [
            *(sys.executable, "-m", "sync_engine.simulator", "--port", "0", "--shop", spec),
            *("--api-secret", SECRET, "--bulk-seconds", "0.1", "--cache-dir", str(cache)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().removeprefix("listening on ").strip()
    finally:
        process.terminate()
        process.wait()


class Gateway:
    """`echosignal serve` in a process of its own."""

    def __init__(self, environment: dict[str, str], url: str) -> None:
        self.url = url
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        self._process = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, "-m", "gateway.cli", "serve"],
            env=os.environ | self._environment,  # noqa: TID251 - and all that is set
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        async with httpx.AsyncClient() as client:
            while True:
                try:
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:  # noqa: PLR2004
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

    def stop(self, how: signal.Signals) -> None:
        """End it."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None


async def measure(seconds: int, *, kills: bool) -> int:
    """Run the benchmark; returns 1 where an event was lost."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with (
            open_embedded_mongod(Path(folder)) as mongod,
            simulator(Path(folder)) as shopify,
            httpx.AsyncClient(timeout=300) as http,
        ):
            port = free_port("127.0.0.1", 0)
            url = f"http://127.0.0.1:{port}"
            gateway = Gateway(
                {
                    "ECHOSIGNAL_PORT": str(port),
                    "ECHOSIGNAL_PUBLIC_URL": url,
                    "ECHOSIGNAL_DATA_DIR": folder,
                    "ECHOSIGNAL_MONGODB_URI": mongod.uri,
                    "ECHOSIGNAL_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
                    "ECHOSIGNAL_OPERATOR_TOKEN": OPERATOR,
                    "ECHOSIGNAL_SHOPIFY_API_KEY": "key",
                    "ECHOSIGNAL_SHOPIFY_API_SECRET": SECRET,
                    "ECHOSIGNAL_SHOPIFY_BASE_URL": f"{shopify}/{{shop}}",
                    "ECHOSIGNAL_LOG_LEVEL": "WARNING",
                },
                url,
            )
            await gateway.start()
            try:
                client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongod.uri)
                events = client["echosignal"]["webhook_events"]
                return await _burst(seconds, gateway, http, shopify, events, kills=kills)
            finally:
                gateway.stop(signal.SIGTERM)


async def _burst(
    seconds: int,
    gateway: Gateway,
    http: httpx.AsyncClient,
    shopify: str,
    events: Any,
    *,
    kills: bool,
) -> int:
    control = f"{shopify}/_control"
    await http.post(
        f"{gateway.url}/graphql",
        json={"query": CONNECT},
        headers={"Authorization": f"Bearer {OPERATOR}"},
    )
    while len((await http.get(f"{control}/shops/{SHOP}/subscriptions")).json()) < 15:  # noqa: PLR2004
        await asyncio.sleep(0.2)
    runs = events.database["sync_runs"]
    while await runs.count_documents({"is_active": True}):
        await asyncio.sleep(0.2)
    await http.post(f"{control}/webhooks", json={"retry_over_seconds": 30})
    count = PER_MINUTE * seconds // 60
    asked = {
        "topic": "orders/updated",
        "count": count,
        "per_minute": PER_MINUTE,
        "is_prepared": True,
    }
    began = time.perf_counter()
    burst = (await http.post(f"{control}/shops/{SHOP}/webhooks/burst", json=asked)).json()["id"]
    if kills:
        await asyncio.sleep(seconds / 2)
        gateway.stop(signal.SIGKILL)
        await gateway.start()
    while True:
        await asyncio.sleep(1)
        report = (await http.get(f"{control}/shops/{SHOP}/webhooks/burst/{burst}")).json()
        if report["is_over"]:
            break
    stored = await events.count_documents({"topic": "orders/updated"})
    while await events.count_documents({"status": "RECEIVED"}):
        await asyncio.sleep(0.2)
    applied = time.perf_counter() - began
    settled = {
        each["_id"]: each["n"]
        async for each in events.aggregate([{"$group": {"_id": "$status", "n": {"$sum": 1}}}])
    }
    delays = [
        each["seconds"]
        async for each in events.aggregate(
            [
                {"$match": {"topic": "orders/updated"}},
                {"$project": {"seconds": {"$subtract": ["$processed_at", "$received_at"]}}},
                {"$sort": {"seconds": 1}},
            ]
        )
    ]
    latency = report["latency_seconds"]
    slowest = " ".join(f"{name} {value * 1000:,.0f} ms" for name, value in latency.items())
    print(
        f"{'with a kill -9' if kills else 'undisturbed'}: {count:,} webhooks, "
        f"{report['answers_per_minute']:,.0f} answers a minute; {slowest}"
    )
    print(
        f"answers {report['attempts_by_status']}; stored {stored:,}, lost {count - stored:,}; "
        f"all applied {applied:.1f} s after the first was sent: {settled}"
    )
    shares = {share: delays[min(len(delays) - 1, len(delays) * share // 100)] for share in (50, 95)}
    print(
        "from receipt to the API: "
        + " ".join(f"p{share} {milliseconds:,} ms" for share, milliseconds in shares.items())
    )
    return 0 if stored == count else 1


def main() -> int:
    """Run both ways, or the one that is asked for."""
    numbers = [argument for argument in sys.argv[1:] if argument.isdigit()]
    seconds = int(numbers[0]) if numbers else 60
    ways = [True] if "--kill" in sys.argv else [False, True]
    return max(asyncio.run(measure(seconds, kills=kills)) for kills in ways)


if __name__ == "__main__":
    sys.exit(main())
