"""A simulator in a process of its own, as Shopify is to us: reached over HTTP and nothing else."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.simulator.shop import SimulatedShop
from sync_engine.simulator.spec import ShopSpec

API_KEY = "test-key"
API_SECRET = "test-secret-of-the-simulated-app"


class Simulator:
    """A running simulator and what it was told to be."""

    def __init__(self, url: str, specs: Sequence[str]) -> None:
        self.url = url
        self.specs = [ShopSpec.parse(spec) for spec in specs]

    @property
    def base_url(self) -> str:
        """What the engine's setting has to be."""
        return f"{self.url}/{{shop}}"

    @property
    def domains(self) -> list[ShopDomain]:
        return [ShopDomain(spec.domain) for spec in self.specs]

    def truth(self, domain: str) -> SimulatedShop:
        """Return the shop as it was generated, computed here and not asked for."""
        (spec,) = (spec for spec in self.specs if spec.domain == domain)
        return SimulatedShop(spec)

    def control(self, method: str, path: str, **body: Any) -> Any:
        """Ask the control endpoint."""
        url = f"{self.url}/_control{path}"
        response = httpx.request(method, url, json=body or None, timeout=10)
        response.raise_for_status()
        return response.json()

    def counters(self, domain: str) -> dict[str, dict[str, Any]]:
        """Return what was asked of a shop, by kind."""
        counters: dict[str, dict[str, dict[str, Any]]] = self.control("GET", "/counters")
        return counters[domain]


@contextmanager
def simulator(*specs: str, cache: Path, arguments: Sequence[str] = ()) -> Iterator[Simulator]:
    """Run a simulator with these shops for the duration of the block."""
    command = [
        *(sys.executable, "-m", "sync_engine.simulator", "--port", "0"),
        *("--api-key", API_KEY, "--api-secret", API_SECRET, "--cache-dir", str(cache)),
        *(part for spec in specs for part in ("--shop", spec)),
        *arguments,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("listening on "), line
            yield Simulator(line.removeprefix("listening on ").strip(), specs)
        finally:
            process.terminate()
