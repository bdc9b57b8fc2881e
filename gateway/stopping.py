"""Tells what would go on for ever that the server stops, before it waits for requests to end."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Stopping:
    """Whether the server is stopping, for those who wait for it."""

    def __init__(self) -> None:
        """Begin while the server runs."""
        self._has_begun = False
        self._waiting: set[asyncio.Future[None]] = set()

    @contextmanager
    def notice(self) -> Iterator[asyncio.Future[None]]:
        """Yield a future that is done when the server stops."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._has_begun:
            future.set_result(None)
        self._waiting.add(future)
        try:
            yield future
        finally:
            self._waiting.discard(future)

    def begin(self) -> None:
        """Let everybody know."""
        self._has_begun = True
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
