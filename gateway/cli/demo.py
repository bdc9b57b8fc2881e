"""``echosignal demo``: a simulated Shopify, a real install, a real sync, a served API.

Nothing in it is special: the merchant's part is played over HTTP as a browser would, and the
progress comes over the public subscription.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path

import httpx
from rich.console import Console

from config.settings import Settings
from gateway.cli.demo_keys import DemoKeys, load_demo_keys
from gateway.cli.demo_kpis import show_kpis
from gateway.cli.demo_queries import show_queries
from gateway.cli.demo_subscription import WatchedRun, watch
from gateway.cli.progress_display import progress_display
from gateway.cli.running import CommandError
from gateway.cli.serve import serving_gateway
from gateway.serving import free_port
from sync_engine.model.access import ViewerScope
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.open_engine import Duty, open_engine
from sync_engine.supervision.child import supervised

SHOP = ShopDomain("demo.myshopify.com")

_ORDERS_PER_CUSTOMER = 4
_ORDERS_PER_PRODUCT = 20
_MAX_REDIRECTS = 5
_SIMULATOR_SECONDS = 30

LoadSettings = Callable[..., Settings]


async def demo(load: LoadSettings, console: Console, *, orders: int, exits: bool) -> None:
    """Show the whole way of the data, then serve it until Ctrl-C unless it is to end there.

    Every demo begins with an empty database.

    Raises:
        CommandError: a step did not work; the text says which.
    """
    directory = load().data_dir / "demo"
    keys = load_demo_keys(directory)
    async with AsyncExitStack() as stack:
        shopify = await stack.enter_async_context(_simulator(_shop_spec(orders), keys, directory))
        console.print(f"1. A simulated Shopify with {orders:,} orders: {shopify}")
        settings = _demo_settings(load, directory, keys, shopify)
        await _forget_earlier_demos(settings)
        await stack.enter_async_context(serving_gateway(settings))
        console.print(f"2. The gateway, with a MongoDB of its own:   {settings.public_url}")
        await _install(settings)
        console.print(f"3. {SHOP} has installed the app. Its first sync:\n")
        began = time.monotonic()
        run = await _watch(settings, keys, console)
        console.print(f"\n{_summary(run, time.monotonic() - began)}")
        if run.state not in {"SUCCEEDED", "PARTIAL"}:
            raise CommandError(run.message or f"the sync ended as {run.state.lower()}")
        await show_kpis(console, settings.public_url, keys.operator_token, SHOP)
        if not exits:
            show_queries(console, settings.public_url, await _token(settings))
            await asyncio.Event().wait()


def _shop_spec(orders: int) -> str:
    customers = max(1, orders // _ORDERS_PER_CUSTOMER)
    products = max(1, orders // _ORDERS_PER_PRODUCT)
    name = SHOP.partition(".")[0]
    return f"{name}:customers={customers}:products={products}:orders={orders}:plan=plus"


@asynccontextmanager
async def _simulator(spec: str, keys: DemoKeys, directory: Path) -> AsyncIterator[str]:
    command = [
        *(sys.executable, "-m", "sync_engine.simulator", "--port", "0", "--shop", spec),
        *("--api-key", keys.api_key, "--api-secret", keys.api_secret),
        *("--cache-dir", str(directory / "exports")),
    ]
    async with supervised(command, stdout=asyncio.subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - asked for above
        async with asyncio.timeout(_SIMULATOR_SECONDS):
            line = (await process.stdout.readline()).decode()
        if not line.startswith("listening on "):
            raise CommandError("the simulator did not start")
        yield line.removeprefix("listening on ").strip()


def _demo_settings(load: LoadSettings, directory: Path, keys: DemoKeys, shopify: str) -> Settings:
    """Return settings of the demo's own; where the usual port is taken, another one is."""
    given = load()
    port = free_port(given.host, given.port)
    return load(
        port=port,
        public_url=f"http://{given.host}:{port}",
        data_dir=directory,
        encryption_keys=keys.encryption_key,
        operator_token=keys.operator_token,
        redis_url=None,
        mongodb={"uri": given.mongodb.uri, "database": f"{given.mongodb.database}_demo"},
        shopify={
            "base_url": f"{shopify}/{{shop}}",
            "api_key": keys.api_key,
            "api_secret": keys.api_secret,
        },
    )


async def _forget_earlier_demos(settings: Settings) -> None:
    async with open_engine(settings, duty=Duty.NONE) as engine:
        await engine.store.purge(SHOP)


async def _install(settings: Settings) -> None:
    """Do what a merchant's browser does: follow the install from redirect to redirect."""
    url = f"{settings.public_url}/auth/shopify?shop={SHOP}"
    async with httpx.AsyncClient(
        timeout=30, follow_redirects=True, max_redirects=_MAX_REDIRECTS
    ) as browser:
        response = await browser.get(url)
    if not response.is_success:
        raise CommandError(f"the install did not work: {response.text[:300]}")


async def _watch(settings: Settings, keys: DemoKeys, console: Console) -> WatchedRun:
    url = f"ws://{settings.host}:{settings.port}/graphql"
    last: WatchedRun | None = None
    with progress_display(console) as display:
        async with aclosing(watch(url, keys.operator_token, SHOP)) as events:
            async for run in events:
                display.show(run.view)
                last = run
    if last is None:
        raise CommandError("the subscription ended before the sync did")
    return last


def _summary(run: WatchedRun, seconds: float) -> str:
    counts = ", ".join(f"{stage.processed:,} {stage.resource.lower()}" for stage in run.view.stages)
    records = sum(stage.processed for stage in run.view.stages)
    waited = run.seconds_waited_for_budget
    return (
        f"demo {run.state.lower()}: {counts} in {seconds:.1f} s "
        f"({records / max(seconds, 0.001):,.0f} records/s), {run.error_count} errors, "
        f"{waited:.1f} s spent waiting for Shopify's allowance"
    )


async def _token(settings: Settings) -> str:
    async with open_engine(settings, duty=Duty.NONE) as engine:
        _, token = await engine.store.api_tokens.create(
            SHOP,
            [ViewerScope.READ_DATA, ViewerScope.READ_KPIS, ViewerScope.READ_SYNC],
            now=engine.clock.now(),
        )
    return token
