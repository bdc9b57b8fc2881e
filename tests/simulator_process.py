"""A simulator in a process of its own, as Shopify is to us: reached over HTTP and nothing else."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.simulator.shop import SimulatedShop
from sync_engine.simulator.spec import ShopSpec

API_KEY = "test-key"
API_SECRET = "test-secret"


class Simulator:
    """A running simulator and what it was told to be."""

    def __init__(self, url: str, specs: Sequence[str]) -> None:
        self.url = url
        self.specs = [ShopSpec.parse(spec) for spec in specs]
        self._http = httpx.AsyncClient(base_url=url, timeout=10)

    @property
    def base_url(self) -> str:
        """What the engine's setting has to be."""
        return f"{self.url}/{{shop}}"

    def truth(self, domain: str) -> SimulatedShop:
        """Return the shop as it was generated, computed here and not asked for."""
        (spec,) = (spec for spec in self.specs if spec.domain == domain)
        return SimulatedShop(spec)

    @property
    def domains(self) -> list[ShopDomain]:
        return [ShopDomain(spec.domain) for spec in self.specs]

    async def control(self, method: str, path: str, **body: Any) -> Any:
        """Ask the control endpoint."""
        response = await self._http.request(method, f"/_control{path}", json=body or None)
        response.raise_for_status()
        return response.json()

    async def close(self) -> None:
        await self._http.aclose()


@asynccontextmanager
async def simulator(
    *specs: str, cache: Path, arguments: Sequence[str] = ()
) -> AsyncIterator[Simulator]:
    """Run a simulator with these shops for the duration of the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sync_engine.simulator", "--port", "0"),
        *("--api-key", API_KEY, "--api-secret", API_SECRET, "--cache-dir", str(cache)),
        *(part for spec in specs for part in ("--shop", spec)),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            line = (await process.stdout.readline()).decode()
        assert line.startswith("listening on "), line
        running = Simulator(line.removeprefix("listening on ").strip(), specs)
        try:
            yield running
        finally:
            await running.close()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
