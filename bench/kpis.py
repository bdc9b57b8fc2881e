"""How long reports take over GraphQL on loopback, beside MongoDB adding up the raw orders.

    python -m bench.kpis [orders] [questions]

Fills a shop with three years of orders through the engine's own writers, serves it with the program
as its user starts it, and asks. A question is uncached where its range was never asked for before.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import median, quantiles
from subprocess import DEVNULL, Popen
from typing import Any

import httpx
import uvloop
from cryptography.fernet import Fernet
from motor.motor_asyncio import AsyncIOMotorClient

from bench.http_load import connected
from gateway.serving import free_port
from sync_engine.kpis.keeper import RollupKeeper
from sync_engine.model.access import ViewerScope
from sync_engine.model.batch import Batch
from sync_engine.model.clock import SystemClock
from sync_engine.model.records import LineItem, Order
from sync_engine.model.run import Advance
from sync_engine.model.shop import AccessGrant, ShopProfile
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncMode, SyncTrigger
from sync_engine.runs.start_run import start_run
from sync_engine.store.embedded.server import open_embedded_mongod
from sync_engine.store.store import Store, open_store

SHOP = ShopDomain("bench.myshopify.com")
_DAYS = 3 * 365
_LAST = datetime(2026, 11, 1, tzinfo=UTC)
_BATCH = 1_000
_ZERO = Decimal("0.00")
_TIMES = 100  # how many times as fast as the raw orders; at a million of them

_VALUES = """orders unitsSold grossSales discounts returns netSales shipping taxes adjustments
  totalSales averageOrderValue customers newCustomers returningCustomers refundedOrders"""
_TOTALS = f"""query($range: DateRangeInput!) {{ shop {{ kpis(range: $range,
  compareTo: PREVIOUS_YEAR) {{ totals {{ {_VALUES} }} previous {{ {_VALUES} }} }} }} }}"""
_SERIES = """query($range: DateRangeInput!) { shop { kpis(range: $range) {
  series { date values { orders grossSales netSales totalSales customers } } } } }"""
_REST = """query($range: DateRangeInput!) { shop { kpis(range: $range) {
  topProducts { title netSales } salesByCountry { key netSales } salesByChannel { key netSales }
  cohorts { month customers periods { activeCustomers netSales } } } } }"""


def made_orders(count: int) -> Iterator[Order]:
    """Yield orders in the order of their ids, evenly over the years."""
    random = Random(1)  # noqa: S311 - the same shop every time
    customers, products = max(1, count // 5), max(1, min(2_000, count // 100))
    begin = _LAST - timedelta(days=_DAYS)
    step = timedelta(days=_DAYS) / count
    for number in range(count):
        at = (begin + number * step).replace(microsecond=0)
        lines = tuple(
            LineItem(
                id=number * 10 + place,
                title="Product",
                sku=None,
                quantity=random.randint(1, 3),
                product_id=random.randint(1, products),
                variant_id=1,
                unit_price=Decimal(random.randint(100, 20_000)).scaleb(-2),
                total_discount=_ZERO,
            )
            for place in range(1, random.randint(2, 4))
        )
        amount = sum((line.unit_price * line.quantity for line in lines), _ZERO)
        yield Order(
            id=number + 1,
            created_at=at,
            updated_at=at,
            name=f"#{number}",
            processed_at=at,
            cancelled_at=None,
            test=False,
            taxes_included=False,
            financial_status="PAID",
            fulfillment_status="FULFILLED",
            currency_code="USD",
            presentment_currency_code="USD",
            subtotal=amount,
            total_discounts=_ZERO,
            total_shipping=Decimal("5.00"),
            shipping_charged=Decimal("5.00"),
            total_tax=_ZERO,
            total_price=amount + 5,
            total_refunded=_ZERO,
            source_name=random.choice(("web", "pos", "580111")),
            country_code=random.choice(("US", "CA", "DE", "GB", None)),
            tags=(),
            customer_id=random.randint(1, customers),
            line_items=lines,
            refunds=(),
        )


async def fill(store: Store, count: int) -> float:
    """Write the orders as a first sync does; returns the seconds until their figures are whole."""
    profile = ShopProfile(
        gid="gid://shopify/Shop/1",
        domain=SHOP,
        name="Bench",
        currency_code="USD",
        iana_timezone="America/New_York",
        taxes_included=False,
        country_code="US",
        plan_name=None,
    )
    clock = SystemClock()
    await store.shops.connect(profile, AccessGrant(access_token="x"), [], now=clock.now())  # noqa: S106
    run, _ = await start_run(
        store.shop(SHOP),
        mode=SyncMode.INITIAL,
        trigger=SyncTrigger.MANUAL,
        resources=tuple(Resource),
        strategy=None,
        clock=clock,
    )
    began = time.perf_counter()
    async with store.writers(SHOP) as writers:
        taken = await writers.take_up(run.id, fence=1, now=clock.now())
        assert taken is not None
        await writers.rollups.begin(now=clock.now())
        writer, batch = writers.batches[Resource.ORDERS], list[Order]()
        for order in made_orders(count):
            batch.append(order)
            if len(batch) == _BATCH or order.id == count:
                sealed = await writer.seal(
                    Batch(
                        records=tuple(batch),
                        loose_children=(),
                        rejects=(),
                        observed_at=_LAST,
                        checkpoint={},
                    )
                )
                taken = await writer.commit(taken, sealed, Advance(now=clock.now()))
                batch = []
        await writers.rollups.end()
    await RollupKeeper(store, holder="bench", clock=clock).settle(SHOP)
    return time.perf_counter() - began


@contextmanager
def gateway(uri: str, key: str, directory: Path) -> Iterator[int]:
    """Serve as a user does; yields the port."""
    port = free_port("127.0.0.1", 0)
    environment = {
        "ECHOSIGNAL_MONGODB_URI": uri,
        "ECHOSIGNAL_PORT": str(port),
        "ECHOSIGNAL_DATA_DIR": str(directory),
        "ECHOSIGNAL_ENCRYPTION_KEYS": key,
        "ECHOSIGNAL_OPERATOR_TOKEN": "operator",
        "ECHOSIGNAL_SHOPIFY_API_KEY": "key",
        "ECHOSIGNAL_SHOPIFY_API_SECRET": "secret",
        "ECHOSIGNAL_SHOPIFY_BASE_URL": "http://127.0.0.1:9/{shop}",
        "ECHOSIGNAL_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "gateway.cli", "serve"]
    with Popen(  # noqa: S603 - ours
        command,
        env={**os.environ, **environment},  # noqa: TID251 - for the child
        stdout=DEVNULL,
    ) as process:
        try:
            yield port
        finally:
            process.terminate()


def range_of(back: int, days: int = 365) -> dict[str, str]:
    """Return a range that ends some days before the last one."""
    last = _LAST.date() - timedelta(days=back + 1)
    return {"from": str(last - timedelta(days=days - 1)), "until": str(last)}


async def timed(ask: Callable[[int], Awaitable[float]], count: int) -> list[float]:
    """Ask one question after the other; returns the milliseconds of each."""
    return [1_000 * await ask(number) for number in range(count)]


async def raw_totals(orders: Any, first: date, last: date) -> float:
    """Let MongoDB add up the raw orders of a range, the sums of ``totals``, customers and all.

    Returns the seconds that it took.
    """
    lines = {"input": "$line_items", "in": {"$multiply": ["$$this.unit_price", "$$this.quantity"]}}
    bounds = [datetime.combine(day, datetime.min.time(), UTC) for day in (first, last)]
    pipeline = [
        {
            "$match": {
                "shop_id": SHOP,
                "created_at": {"$gte": bounds[0], "$lt": bounds[1] + timedelta(days=1)},
                "test": False,
            }
        },
        {
            "$group": {
                "_id": None,
                "orders": {"$sum": 1},
                "units": {"$sum": {"$sum": "$line_items.quantity"}},
                "gross": {"$sum": {"$sum": {"$map": lines}}},
                "discounts": {"$sum": {"$sum": "$line_items.total_discount"}},
                "shipping": {"$sum": "$shipping_charged"},
                "taxes": {"$sum": "$total_tax"},
                "customers": {"$addToSet": "$customer_id"},
            }
        },
        {"$set": {"customers": {"$size": "$customers"}}},
    ]
    began = time.perf_counter()
    async for _ in orders.aggregate(pipeline, allowDiskUse=True):
        pass
    return time.perf_counter() - began


def reached(what: str, spent: list[float], aim_ms: float | None = None) -> bool:
    """Print the percentiles of milliseconds; returns whether they are what was aimed at."""
    cuts = quantiles(spent, n=20) if len(spent) > 1 else spent * 19
    aim = "" if aim_ms is None else f"   aim: p95 {aim_ms:.0f} ms"
    print(f"{what:<42} p50 {median(spent):>7.1f} ms   p95 {cuts[18]:>7.1f} ms{aim}", flush=True)
    return aim_ms is None or cuts[18] <= aim_ms


async def main(count: int, questions: int) -> int:
    """Fill, ask, print; returns 1 where an aim was missed."""
    key = Fernet.generate_key().decode()
    with tempfile.TemporaryDirectory() as name:
        async with open_embedded_mongod(Path(name) / "mongodb") as mongod:
            async with open_store(mongod.uri, "echosignal", [key]) as store:
                seconds = await fill(store, count)
                print(f"{count:,} orders and their figures written in {seconds:.0f} s", flush=True)
                _, token = await store.api_tokens.create(
                    SHOP, tuple(ViewerScope), now=datetime.now(UTC)
                )
            with gateway(mongod.uri, key, Path(name)) as port:
                return await measure(port, token, mongod.uri, questions)


async def measure(port: int, token: str, uri: str, questions: int) -> int:
    """Ask the gateway, and MongoDB itself."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
    orders = client["echosignal"]["orders"]
    await until_ready(port)
    async with connected(port, token) as connection:

        async def ask(query: str, wanted: dict[str, str]) -> float:
            return await connection.ask(query, {"range": wanted})

        await timed(lambda n: ask(_TOTALS, range_of(n, 30)), 20)  # warm up, with other ranges
        totals = await timed(lambda n: ask(_TOTALS, range_of(n)), questions)
        cached = await timed(lambda _: ask(_TOTALS, range_of(0)), questions)
        series = await timed(lambda n: ask(_SERIES, range_of(n)), questions)
        rest = await timed(lambda n: ask(_REST, range_of(n)), max(5, questions // 10))
    raw = await timed(
        lambda n: raw_totals(orders, *(date.fromisoformat(each) for each in range_of(n).values())),
        3,
    )
    client.close()
    are_reached = [
        reached("totals and comparison, 365 days, uncached:", totals, 15),
        reached("the same, cached:", cached, 5),
        reached("365 daily points of five values, uncached:", series, 60),
        reached("products, countries, channels, cohorts:", rest),
        reached("totals of one range from the raw orders:", raw),
    ]
    ratio = 2 * median(raw) / median(totals)
    print(f"raw orders twice / totals and comparison:  {ratio:.0f}x   aim: {_TIMES}x")
    return 0 if all(are_reached) and ratio >= _TIMES else 1


async def until_ready(port: int) -> None:
    """Wait until the gateway can serve."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        for _ in range(200):
            try:
                if (await http.get("/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise RuntimeError("the gateway did not start")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    sys.exit(uvloop.run(main(*(given + [1_000_000, 100][len(given) :]))))
