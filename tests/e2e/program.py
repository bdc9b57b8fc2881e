"""The program as its user starts it: a process with settings in its environment."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping

from tests.simulator_process import API_KEY, API_SECRET, Simulator


def program_environment(
    simulator: Simulator, *, mongodb_uri: str, database: str, encryption_key: str
) -> dict[str, str]:
    """Return the settings for a program on a shared MongoDB."""
    return {
        "ECHOSIGNAL_MONGODB_URI": mongodb_uri,
        "ECHOSIGNAL_MONGODB_DATABASE": database,
        "ECHOSIGNAL_ENCRYPTION_KEYS": encryption_key,
        "ECHOSIGNAL_SHOPIFY_BASE_URL": simulator.base_url,
        "ECHOSIGNAL_SHOPIFY_API_KEY": API_KEY,
        "ECHOSIGNAL_SHOPIFY_API_SECRET": API_SECRET,
        "ECHOSIGNAL_OPERATOR_TOKEN": "operator-token-of-the-tests",
        "ECHOSIGNAL_SYNC_LEASE_SECONDS": "1",
        "ECHOSIGNAL_SYNC_BULK_POLL_SECONDS": "0.5",
    }


class Program:
    """A running command."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def is_over(self) -> bool:
        return self._process.returncode is not None

    async def kill_9(self) -> None:
        """Kill it without a warning."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def interrupt(self) -> int:
        """Press Ctrl-C and return how it ended."""
        self._process.send_signal(signal.SIGINT)
        return await self._process.wait()

    async def line(self) -> str:
        """Return the next line that it prints."""
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode()

    async def result(self) -> tuple[int, str]:
        """Wait for its end and return its exit code and what it printed."""
        output, _ = await self._process.communicate()
        assert self._process.returncode is not None
        return self._process.returncode, output.decode()


async def start_program(*arguments: str, environment: Mapping[str, str]) -> Program:
    """Start a command; its standard error goes where ours goes."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.cli", *arguments),
        env={**os.environ, **environment},  # noqa: TID251 - the program inherits ours
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    return Program(process)
