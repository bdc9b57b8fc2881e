"""A gateway that is attacked, beside a simulated Shopify that is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from tests.integration.gateway.installed import gateway_settings
from tests.simulator_process import Simulator, simulator


@pytest.fixture(scope="module")
def running_shopify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Yield a simulator with two small shops."""
    specs = [f"{name}:customers=4:products=2:orders=6" for name in ("fresh", "other")]
    with simulator(*specs, cache=tmp_path_factory.mktemp("exports")) as running:
        yield running


@pytest.fixture
def shopify(running_shopify: Simulator) -> Simulator:
    """Return the simulator as if it had just been started."""
    running_shopify.control("POST", "/reset")
    return running_shopify


@pytest.fixture
def settings(
    shopify: Simulator, mongodb_uri: str, database_name: str, encryption_key: str, tmp_path: Path
) -> Settings:
    """Return the settings of a gateway at that Shopify."""
    return gateway_settings(shopify, mongodb_uri, database_name, encryption_key, tmp_path)
