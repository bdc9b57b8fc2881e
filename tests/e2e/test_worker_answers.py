"""A worker serves no API, and tells nevertheless how it is and what it does."""

import socket
from pathlib import Path

import httpx

from tests.e2e.conftest import MakeEnvironment
from tests.e2e.program import start_program
from tests.simulator_process import simulator
from tests.unused_port import unused_port


async def test_a_worker_shows_its_metrics_where_it_is_told_to(
    make_environment: MakeEnvironment, tmp_path: Path
) -> None:
    port = unused_port()
    with simulator("idle:customers=1:products=1:orders=1", cache=tmp_path) as shopify:
        environment = make_environment(shopify) | {
            "ECHOSIGNAL_METRICS_WORKER_PORT": str(port),
            "ECHOSIGNAL_METRICS_TOKEN": "metrics-token-of-the-tests",
            "ECHOSIGNAL_REDIS_URL": f"redis://127.0.0.1:{_closed_port()}",
        }
        worker = await start_program("worker", environment=environment)
        assert "Working" in await worker.line()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as http:
            assert (await http.get("/healthz")).status_code == 200
            ready = await http.get("/readyz")
            assert ready.status_code == 503
            assert ready.json()["dependencies"] == {"mongodb": "ok", "redis": "unavailable"}
            assert (await http.get("/metrics")).status_code == 401
            bearer = {"Authorization": "Bearer metrics-token-of-the-tests"}
            metrics = await http.get("/metrics", headers=bearer)
            assert "\nechosignal_database_up 1.0" in metrics.text
            assert (await http.get("/graphql")).status_code == 404
        assert await worker.interrupt() == 130


def _closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
