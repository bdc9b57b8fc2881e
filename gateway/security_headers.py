"""The headers that tell browsers what not to do with our answers. Pure ASGI: streams pass through.

An answer that is no page may load nothing and stand in no frame. A page may load its own files, and
the admin of the shop that it was opened for may frame it, which is where Shopify shows apps.

Sources: shopify.dev, "Set up iframe protection", and OWASP's HTTP headers cheat sheet.
"""

from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync_engine.model.shop_domain import InvalidShopDomainError, parse_shop_domain

_NOTHING = "default-src 'none'"
_PAGE = (
    "default-src 'none'; script-src 'self' https://cdn.shopify.com; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'"
)
_ADMIN = "https://admin.shopify.com"
_HSTS = "max-age=31536000; includeSubDomains"


class SecurityHeaders:
    """ASGI middleware: adds the headers to every answer over HTTP that does not have them."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        """Take the application and whether browsers reach it by https."""
        self._app = app
        self._is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, its answer's headers completed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._guard(MutableHeaders(scope=message), scope)
            await send(message)

        await self._app(scope, receive, send_guarded)

    def _guard(self, headers: MutableHeaders, scope: Scope) -> None:
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if self._is_https:
            headers.setdefault("Strict-Transport-Security", _HSTS)
        is_page = headers.get("content-type", "").startswith("text/html")
        policy = headers.get("content-security-policy") or (_PAGE if is_page else _NOTHING)
        if "frame-ancestors" not in policy:
            frames = _framing_shop(scope) if is_page else "'none'"
            policy = f"{policy}; frame-ancestors {frames}"
        headers["Content-Security-Policy"] = policy


def _framing_shop(scope: Scope) -> str:
    """Return who may frame a page: the admin of the shop in its address, if that is one."""
    query = scope["query_string"].decode("ascii", errors="replace")
    try:
        given = parse_qs(query, max_num_fields=50).get("shop", [])
        return f"https://{parse_shop_domain(given[0])} {_ADMIN}" if len(given) == 1 else "'none'"
    except (InvalidShopDomainError, ValueError):  # of which too many parameters is one
        return "'none'"
