"""Asks Redis for a sign of life over a socket of its own: PING needs no client library.

Source: redis.io, "Redis serialization protocol specification": inline commands and simple strings.
"""

import asyncio
import ssl
from urllib.parse import unquote, urlsplit

from sync_engine.engine import Engine

_PORT = 6379
_MOST_BYTES = 512


class RedisUnavailableError(ConnectionError):
    """Redis answered with something else than PONG."""


class RedisPing:
    """A ``Ping`` for the Redis of a URL: ``redis://`` or ``rediss://``, with a password or not."""

    def __init__(self, url: str) -> None:
        """Take the URL."""
        parts = urlsplit(url)
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or _PORT
        self._tls = ssl.create_default_context() if parts.scheme == "rediss" else None
        self._login = [
            unquote(part) for part in (parts.username, parts.password) if part is not None and part
        ]

    async def __call__(self, _engine: Engine) -> None:
        """Ask; whoever calls bounds the time.

        Raises:
            OSError: nobody answers, or not as Redis does.
        """
        reader, writer = await asyncio.open_connection(
            self._host, self._port, ssl=self._tls, limit=_MOST_BYTES
        )
        try:
            if self._login:
                await _say(reader, writer, "AUTH", *self._login, expected=b"+OK")
            await _say(reader, writer, "PING", expected=b"+PONG")
        finally:
            writer.close()


async def _say(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *words: str, expected: bytes
) -> None:
    encoded = [word.encode() for word in words]
    parts = [b"*%d" % len(words), *(b"$%d\r\n%b" % (len(word), word) for word in encoded), b""]
    writer.write(b"\r\n".join(parts))
    await writer.drain()
    if (await reader.readline()).strip() != expected:
        raise RedisUnavailableError
