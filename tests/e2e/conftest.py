"""Settings for programs that share the test's database."""

from collections.abc import Callable

import pytest

from tests.e2e.program import program_environment
from tests.simulator_process import Simulator

MakeEnvironment = Callable[[Simulator], dict[str, str]]


@pytest.fixture
def make_environment(mongodb_uri: str, database_name: str, encryption_key: str) -> MakeEnvironment:
    """Return what makes the environment of a program that syncs from a simulator."""

    def make(simulator: Simulator) -> dict[str, str]:
        return program_environment(
            simulator,
            mongodb_uri=mongodb_uri,
            database=database_name,
            encryption_key=encryption_key,
        )

    return make
