"""Shopify as the engine holds it, against a simulator and without a store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sync_engine.model.clock import SystemClock
from sync_engine.shopify.app_credentials import AppCredentials
from sync_engine.shopify.connection import Shopify, open_shopify
from tests.integration.shopify.shopfront import longest_waits, shopfront
from tests.simulator_process import API_KEY, API_SECRET, Simulator

__all__ = ["connection", "longest_waits", "shopfront", "simulator_cache"]


@pytest.fixture(scope="session")
def simulator_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where simulators of this session keep their exports."""
    return tmp_path_factory.mktemp("exports")


def credentials(simulator: Simulator) -> AppCredentials:
    """Return what the app is to the simulator."""
    return AppCredentials(
        api_key=API_KEY,
        api_secret=API_SECRET,
        previous_api_secret=None,
        api_version="2026-10",
        scopes=(),
        base_url=simulator.base_url,
    )


@pytest_asyncio.fixture
async def connection(shopify: Simulator) -> AsyncIterator[Shopify]:
    """Yield the way to every shop of the module's simulator."""
    app = credentials(shopify)
    async with open_shopify(app, SystemClock(), requests_per_second=1000) as opened:
        yield opened
