"""What the simulator's tests share: a clock that stands still, and simulations in this process."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from graphql import GraphQLSchema

from sync_engine.simulator.graphql_api.schema import load_schema
from tests.simulator.harness import Harness, ManualClock

MakeHarness = Callable[..., Harness]


@pytest.fixture(scope="session")
def schema() -> GraphQLSchema:
    return load_schema()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def simulate(
    schema: GraphQLSchema, clock: ManualClock, tmp_path: Path
) -> AsyncIterator[MakeHarness]:
    made: list[Harness] = []

    def make(*specs: str, bulk_seconds: float | None = None) -> Harness:
        harness = Harness(specs or ("demo:customers=20:products=8:orders=60",), schema, clock)
        harness.open(cache_dir=tmp_path / "cache", bulk_seconds=bulk_seconds)
        made.append(harness)
        return harness

    yield make
    for harness in made:
        await harness.close()
