"""A gateway that is attacked, beside a simulated Shopify that is not."""

from collections.abc import Iterator

import pytest

from tests.simulator_process import Simulator, simulator


@pytest.fixture(scope="module")
def running_shopify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Yield a simulator with two small shops."""
    specs = [f"{name}:customers=4:products=2:orders=6" for name in ("fresh", "other")]
    with simulator(*specs, cache=tmp_path_factory.mktemp("exports")) as running:
        yield running
