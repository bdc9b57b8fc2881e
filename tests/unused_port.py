"""A port for a server of a test, for where its address is needed before the server is there."""

import secrets
import socket

_PORTS = range(20_000, 32_000)
"""Below those that systems hand out to whoever connects, or asks for any port at all."""


def unused_port() -> int:
    """Return a port of loopback that nobody has, and that nobody gets by chance."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
