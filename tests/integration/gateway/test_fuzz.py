"""Random operations over the whole schema, by schemathesis: none crashes, no error is unmasked."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from sync_engine.model.sync_enums import Resource
from sync_engine.store.store import Store
from tests.examples import (
    OTHER_SHOP,
    SHOP,
    batch,
    commit,
    connected_shop,
    customer,
    order,
    product,
    run_under_way,
)
from tests.integration.gateway.conftest import OPERATOR_TOKEN
from tests.integration.gateway.limited_gateway import limited_gateway
from tests.simulator_process import Simulator, simulator

_ROOT = Path(__file__).parents[3]
_GENEROUS = 10**9  # what is refused for its cost is not executed, and so finds nothing


@pytest.fixture
def shopify(tmp_path: Path) -> Iterator[Simulator]:
    """Yield a Shopify that answers, so that nothing waits for it."""
    with simulator("first:customers=1:products=1:orders=1", cache=tmp_path) as running:
        yield running


async def fuzz(url: str, seconds: int, reports: Path) -> None:
    """Fuzz for so many seconds, and fail with what schemathesis has to say."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "default", "-m", "schemathesis.cli", "run", url),
        *("--header", f"Authorization: Bearer {OPERATOR_TOKEN}"),
        *("--phases", "fuzzing", "--max-time", str(seconds), "--checks", "no_failure_of_ours"),
        *("--request-timeout", "10", "--no-color", "--no-shrink", "--warnings", "off"),
        cwd=reports,
        env={
            "PATH": str(Path(sys.executable).parent),
            "PYTHONPATH": str(_ROOT),
            "SCHEMATHESIS_HOOKS": "tests.integration.gateway.fuzz_hooks",
            "HOME": str(reports),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(3 * seconds + 60):
            printed, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = printed.decode()
    assert process.returncode == 0, text
    assert "generated" in text, text


async def _fuzz_a_filled_shop(
    settings: Settings, store: Store, seconds: int, reports: Path
) -> None:
    await connected_shop(store, SHOP)
    await connected_shop(store, OTHER_SHOP)
    run = await run_under_way(store)
    await commit(store, run, Resource.CUSTOMERS, batch(customer(1)))
    await commit(store, run, Resource.PRODUCTS, batch(product(1)))
    await commit(store, run, Resource.ORDERS, batch(order(1, customer_id=1), order(2)))
    async with limited_gateway(
        settings,
        query_points=_GENEROUS,
        bucket_points=_GENEROUS,
        nodes_per_query=_GENEROUS,
    ):
        await fuzz(f"{settings.public_url}/graphql", seconds, reports)


async def test_a_short_fuzz_finds_no_failure_of_ours(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    await _fuzz_a_filled_shop(settings, store, 6, tmp_path)


@pytest.mark.nightly
@pytest.mark.timeout(900)
async def test_a_long_fuzz_finds_no_failure_of_ours(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    await _fuzz_a_filled_shop(settings, store, 300, tmp_path)
