"""The page at the root: says what this is and where things are."""

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>echosignal</title>
<h1>echosignal</h1>
<p>Keeps a live, exact copy of Shopify stores and serves it over GraphQL.</p>
<ul>
<li><code>/graphql</code>: the API. POST or GET with
<code>Authorization: Bearer &lt;token&gt;</code>, subscriptions over a WebSocket
with <code>graphql-transport-ws</code>, server-sent events or multipart.</li>
<li><code>/auth/shopify?shop=my-store.myshopify.com</code>: installs the app in a shop.</li>
<li><a href="/healthz">/healthz</a>: whether this process is alive.</li>
<li><a href="/readyz">/readyz</a>: whether it can serve.</li>
</ul>
</html>
"""


async def _show(_request: Request) -> HTMLResponse:
    return HTMLResponse(_PAGE)


def home_route() -> Route:
    """Return the route to mount."""
    return Route("/", _show, methods=["GET"])
