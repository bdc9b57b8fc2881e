"""The page at the root: says what this is and where things are."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.routes.oauth import BEGIN_PATH

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


async def _show(request: Request) -> Response:
    """Show the page; who comes from the shop's admin, by Shopify's signed link, is let in first.

    Within the admin's own frame no redirect is of use: there the page has session tokens.
    """
    query = request.query_params
    if "hmac" in query and query.get("embedded") != "1":
        return RedirectResponse(f"{BEGIN_PATH}?{request.url.query}", status_code=302)
    return HTMLResponse(_PAGE)


def home_route() -> Route:
    """Return the route to mount."""
    return Route("/", _show, methods=["GET"])
