"""Tells requests of our own pages from those that another site makes a browser send.

Cookies go wherever a browser sends them, so a cookie counts only where the browser itself says that
one of our pages asked. Both headers are the browser's: no page can set or remove them.
Source: W3C, "Fetch Metadata Request Headers"; RFC 6454, "The Web Origin Concept".
"""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

_USUAL_PORTS = {"http": 80, "https": 443}


class OwnOrigin:
    """The one origin whose pages may use cookies: that of the public URL."""

    def __init__(self, public_url: str) -> None:
        """Take the address under which browsers reach this gateway."""
        parts = urlsplit(public_url)
        host = parts.netloc.rpartition("@")[2]
        if parts.port is not None and parts.port == _USUAL_PORTS.get(parts.scheme):
            host = host.rpartition(":")[0]  # as browsers spell it
        self._origin = f"{parts.scheme}://{host}".lower()
        self.is_secure = parts.scheme == "https"

    def sent(self, request: HTTPConnection) -> bool:
        """Whether one of our own pages sent the request; in doubt it was not.

        A WebSocket always says its origin. A GET of a page says none but tells by
        ``Sec-Fetch-Site``, which browsers leave out where a connection is not trustworthy.
        """
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site")
        if request.scope["type"] == "websocket" and origin is None:
            return False
        if origin is None and site is None:
            return False
        return origin in {None, self._origin} and site in {None, "same-origin"}
