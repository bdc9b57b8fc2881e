"""Runs a simulation as an HTTP server until it is told to stop."""

import socket
import sys
import time
from pathlib import Path

import uvicorn

from sync_engine.simulator.endpoints.application import create_application
from sync_engine.simulator.graphql_api.schema import load_schema
from sync_engine.simulator.simulation import Simulation, SimulationConfig

_KEPT_FILES = 60


def serve(config: SimulationConfig) -> None:
    """Serve until SIGTERM or Ctrl-C; writes one line with the URL once it is listening."""
    _forget_old_files(config.cache_dir)
    simulation = Simulation(config, schema=load_schema(), base_clock=time.time)
    listener = open_listener(config.host, config.port)
    port = listener.getsockname()[1]
    server = _Server(
        uvicorn.Config(
            create_application(simulation),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        ),
        url=f"http://{config.host}:{port}",
    )
    server.run(sockets=[listener])


def open_listener(host: str, port: int) -> socket.socket:
    """A listening socket whose connections send at once.

    Event loops only switch Nagle's algorithm off for sockets that they open themselves; with it,
    every answer of two packets waits 40 ms for an acknowledgement.
    """
    listener = socket.create_server((host, port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def default_cache_dir() -> Path:
    """Where result files are kept unless somebody says otherwise."""
    caches = "~/Library/Caches" if sys.platform == "darwin" else "~/.cache"
    return Path(caches).expanduser() / "echosignal-simulator"


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, *, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"listening on {self._url}\n")
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for task in list(self.server_state.tasks):  # an answer that hangs must not hold us up
            task.cancel()
        await super().shutdown(sockets)


def _forget_old_files(folder: Path) -> None:
    """Keep the cache from growing for ever: the files used last stay."""
    files = sorted(folder.glob("*.jsonl"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[_KEPT_FILES:]:
        file.unlink(missing_ok=True)
        file.with_suffix(".json").unlink(missing_ok=True)
