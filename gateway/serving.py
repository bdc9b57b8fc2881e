"""Serves an application with uvicorn inside our own event loop, and stops it in order."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

from gateway.patient_protocol import PatientProtocol
from gateway.stopping import Stopping

_GRACE_SECONDS = 3
_PING_SECONDS = 20  # keeps proxies from hanging up, and finds who is gone without a word
_POLL_SECONDS = 0.01


class AddressInUseError(RuntimeError):
    """Something else listens there."""

    def __init__(self, host: str, port: int, reason: OSError) -> None:
        """Keep the address."""
        self.host = host
        self.port = port
        super().__init__(
            f"cannot listen on {host}:{port} ({reason.strerror}): stop what does, or set "
            "ECHOSIGNAL_PORT"
        )


class _Server(uvicorn.Server):
    """Leaves signals to us: the command decides in which order things stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell streams to end before waiting for all requests to have ended."""
        stopping = self.lifespan.state.get("stopping")
        if isinstance(stopping, Stopping):
            stopping.begin()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket, so that a taken address is an error and not an exit.

    Raises:
        AddressInUseError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise AddressInUseError(host, port, error) from error
    return listener


def free_port(host: str, wanted: int) -> int:
    """Return the wanted port where it is free, else one that is."""
    for port in (wanted, 0):
        try:
            with listen(host, port) as listener:
                found: int = listener.getsockname()[1]
                return found
        except AddressInUseError:
            continue
    raise AddressInUseError(host, wanted, OSError("no port is free"))


@asynccontextmanager
async def serving(
    app: ASGIApp, listener: socket.socket, *, ping_seconds: float = _PING_SECONDS
) -> AsyncIterator[asyncio.Task[None]]:
    """Serve for the duration of the block, once the application has started.

    Yields the task that serves; it ends early only if the server fails. What the application's
    start-up raises is raised here.
    """
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        http=PatientProtocol,
        ws_ping_interval=ping_seconds,
        ws_ping_timeout=ping_seconds,
        ws_max_size=1024 * 1024,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="uvicorn")
    try:
        while not server.started:
            if task.done():
                task.result()
                message = "the server did not start; the log above says why"
                raise RuntimeError(message)
            await asyncio.sleep(_POLL_SECONDS)
        yield task
    finally:
        server.should_exit = True
        await asyncio.wait([task])
        listener.close()
