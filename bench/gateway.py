"""How fast the API answers: `python -m bench.gateway [seconds per round] [subscribers]`.

Each query is asked of `echosignal serve`, with an API token, and of a bare Strawberry application
that answers constants of the same shape, in turns on the same machine. Then many sockets follow a
shop's sync at once. The gateway shares the cores with mongod and the client, the constants with the
client alone: the ratio is harder on the gateway than a machine of its own would be.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from cryptography.fernet import Fernet

from bench.http_load import Load, load
from bench.live_subscribers import measure_delivery
from gateway.serving import free_port
from sync_engine.model.access import ViewerScope
from sync_engine.model.sync_enums import Resource
from sync_engine.store.embedded.server import open_embedded_mongod
from sync_engine.store.store import Store, open_store
from tests.examples import SHOP, batch, commit, connected_shop, customer, order, run_under_way

ROUNDS = 3
CONNECTIONS = 16
ORDERS = 2_000
WANTED_SHARE = 0.6
OPERATOR = "operator-token-of-the-benchmark"

# A query that is added here needs its constants in `bench.bare_gateway`.
QUERIES = {
    "shop": """{ shop { id domain name status currencyCode ianaTimezone
        settings { incrementalIntervalMinutes reconcileIntervalDays } } }""",
    "orders page": """{ shop { orders(first: 50) { nodes { id name createdAt financialStatus
        subtotal { amount currencyCode } totalDiscounts { amount currencyCode }
        totalShipping { amount currencyCode } totalTax { amount currencyCode }
        totalPrice { amount currencyCode } totalRefunded { amount currencyCode }
        customer { id displayName } } pageInfo { hasNextPage endCursor } } } }""",
    "KPIs of a month": """{ shop { kpis(range: { from: "2026-10-04", until: "2026-11-02" }) {
        totals { orders netSales totalSales averageOrderValue customers }
        series { date values { orders netSales totalSales averageOrderValue customers } } } } }""",
}


@asynccontextmanager
async def served(
    arguments: list[str], environment: dict[str, str], port: int
) -> AsyncIterator[int]:
    """Run a server in a process of its own; yields its process id once it answers."""
    process = subprocess.Popen(  # noqa: S603, ASYNC220 - ours, and nothing else runs yet
        [sys.executable, "-m", *arguments],
        env=os.environ | environment,  # noqa: TID251 - and all that is set
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient() as client:
            while True:
                try:
                    await client.get(f"http://127.0.0.1:{port}/graphql")
                    break
                except httpx.TransportError:
                    assert process.poll() is None, f"{arguments} has ended"
                    await asyncio.sleep(0.05)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


async def fill(store: Store) -> str:
    """Store a shop with its orders and return a token of it."""
    await connected_shop(store)
    run = await run_under_way(store)
    people = [customer(number, display_name=f"Customer {number}") for number in range(1, 101)]
    await commit(store, run, Resource.CUSTOMERS, batch(*people))
    sold = [order(number, customer_id=number % 100 + 1) for number in range(1, ORDERS + 1)]
    await commit(store, run, Resource.ORDERS, batch(*sold))
    _, token = await store.api_tokens.create(SHOP, tuple(ViewerScope), now=datetime.now(UTC))
    return token


def _line(name: str, found: Load) -> str:
    percentiles = " ".join(
        f"p{share} {found.percentile_ms(share):,.1f} ms" for share in (50, 95, 99)
    )
    return f"  {name:<22} {found.requests_per_second:>7,.0f}/s   {percentiles}"


async def compare(ports: dict[str, int], token: str, seconds: float) -> bool:
    """Ask every query of every server in turns; returns whether the gateway is fast enough."""
    is_enough = True
    for name, query in QUERIES.items():
        for port in ports.values():
            await load(port, query, seconds=0.5, connections=CONNECTIONS, token=token)
        rounds: dict[str, list[Load]] = {server: [] for server in ports}
        for _ in range(ROUNDS):
            for server, port in ports.items():
                found = await load(
                    port, query, seconds=seconds, connections=CONNECTIONS, token=token
                )
                rounds[server].append(found)
        middle = {
            server: sorted(found, key=lambda each: each.requests_per_second)[ROUNDS // 2]
            for server, found in rounds.items()
        }
        print(f"{name}, {CONNECTIONS} connections:")
        for server, found in middle.items():
            print(_line(server, found))
        ours = middle["gateway"].requests_per_second
        shares = {
            server: ours / found.requests_per_second
            for server, found in middle.items()
            if server != "gateway"
        }
        print("  " + ", ".join(f"{share:.0%} of {server}" for server, share in shares.items()))
        is_enough = is_enough and shares["bare Strawberry"] >= WANTED_SHARE
    return is_enough


async def measure(seconds: float, subscribers: int) -> int:
    """Run the benchmark; returns 1 where an aim is missed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with open_embedded_mongod(Path(folder)) as mongod:
            key = Fernet.generate_key().decode()
            async with open_store(mongod.uri, "echosignal", [key]) as store:
                token = await fill(store)
                ports: dict[str, int] = {}
                for name in ("gateway", "bare Strawberry", "bare, with caches"):
                    ports[name] = free_port("127.0.0.1", 0)
                environment = {
                    "ECHOSIGNAL_PORT": str(ports["gateway"]),
                    "ECHOSIGNAL_PUBLIC_URL": f"http://127.0.0.1:{ports['gateway']}",
                    "ECHOSIGNAL_DATA_DIR": folder,
                    "ECHOSIGNAL_MONGODB_URI": mongod.uri,
                    "ECHOSIGNAL_ENCRYPTION_KEYS": key,
                    "ECHOSIGNAL_OPERATOR_TOKEN": OPERATOR,
                    "ECHOSIGNAL_SHOPIFY_API_KEY": "key",
                    "ECHOSIGNAL_SHOPIFY_API_SECRET": "secret",
                    "ECHOSIGNAL_SHOPIFY_BASE_URL": "http://127.0.0.1:9/{shop}",
                    "ECHOSIGNAL_LOG_LEVEL": "WARNING",
                    "ECHOSIGNAL_GRAPHQL_BUCKET_POINTS": str(10**9),
                    "ECHOSIGNAL_GRAPHQL_RESTORE_POINTS": str(10**9),
                    "ECHOSIGNAL_GRAPHQL_SUBSCRIPTIONS_PER_CALLER": str(subscribers),
                }
                bare = ["bench.bare_gateway"]
                plain, cached = ports["bare Strawberry"], ports["bare, with caches"]
                async with (
                    served(["gateway.cli", "serve"], environment, ports["gateway"]) as pid,
                    served([*bare, str(plain)], {}, plain),
                    served([*bare, str(cached), "--cached"], {}, cached),
                ):
                    is_enough = await compare(ports, token, seconds)
                    delivery = await measure_delivery(
                        store,
                        SHOP,
                        port=ports["gateway"],
                        pid=pid,
                        token=token,
                        subscribers=subscribers,
                    )
    print(
        f"{subscribers:,} subscribers: {len(delivery.delays_seconds):,} of {delivery.expected:,} "
        f"events arrived (states may merge); from write to delivery "
        f"p50 {delivery.percentile_ms(50):,.0f} ms p95 {delivery.percentile_ms(95):,.0f} ms "
        f"p99 {delivery.percentile_ms(99):,.0f} ms; "
        f"{delivery.bytes_per_subscriber / 1024:,.0f} KiB each"
    )
    return 0 if is_enough and delivery.percentile_ms(95) < 1_000 else 1  # noqa: PLR2004


def main() -> int:
    """Run it."""
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    seconds, subscribers = (*numbers, 4, 1_000)[:2] if len(numbers) != 1 else (numbers[0], 1_000)
    return asyncio.run(measure(seconds, subscribers))


if __name__ == "__main__":
    sys.exit(main())
