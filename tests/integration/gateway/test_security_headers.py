"""What browsers are told: what may load, who may frame, which other origins may call."""

import httpx

from config.settings import Settings
from tests.integration.gateway.conftest import Caller
from tests.integration.gateway.limited_gateway import limited_gateway

FRIEND = "https://app.example.com"


def frames(response: httpx.Response) -> str:
    """Return who may frame a page."""
    policy = response.headers["content-security-policy"]
    (found,) = (part for part in policy.split("; ") if part.startswith("frame-ancestors "))
    return str(found).removeprefix("frame-ancestors ")


async def test_every_answer_says_what_not_to_do_with_it(operator: Caller) -> None:
    for response in (
        await operator.post("{ viewer { kind } }"),
        await operator.http.get("/healthz"),
        await operator.http.get("/nowhere"),
        await operator.http.post("/graphql"),
    ):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        policy = response.headers["content-security-policy"]
        assert policy == "default-src 'none'; frame-ancestors 'none'"
        assert "strict-transport-security" not in response.headers
        assert "server" not in response.headers


async def test_https_is_kept_to(settings: Settings) -> None:
    public = settings.model_copy(update={"public_url": "https://echo.example.com"})
    async with limited_gateway(public) as operator:
        response = await operator.http.get("/healthz")
        assert response.headers["strict-transport-security"].startswith("max-age=31536000")


STRANGERS = [
    "",
    "?shop=",
    "?shop=evil.example",
    "?shop=x.myshopify.com.evil.example",
    "?shop=x.myshopify.com%0d%0aSet-Cookie:%20a=b",
    "?shop=x.myshopify.com%20https://evil.example",
    "?shop=*.myshopify.com",
    "?shop=x.myshopify.com;%20script-src%20*",
    "?shop=a.myshopify.com&shop=b.myshopify.com",
    "?" + "&".join(f"shop{n}=x" for n in range(100)),
    "?shop=%ff%fe",
]


async def test_a_page_is_framed_by_the_admin_of_its_shop_and_no_one_else(
    http: httpx.AsyncClient,
) -> None:
    response = await http.get("/?shop=my-store.myshopify.com&host=x")
    assert frames(response) == "https://my-store.myshopify.com https://admin.shopify.com"
    for query in STRANGERS:
        response = await http.get(f"/{query}")
        assert frames(response) == "'none'", query
        assert "set-cookie" not in response.headers


async def test_pages_of_other_origins_call_only_where_that_was_allowed(settings: Settings) -> None:
    async with limited_gateway(settings, allowed_origins=[FRIEND]) as operator:
        asks = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        for origin in (FRIEND, settings.public_url):
            preflight = await operator.http.options("/graphql", headers={"Origin": origin, **asks})
            assert preflight.status_code == 200
            assert preflight.headers["access-control-allow-origin"] == origin
            assert "access-control-allow-credentials" not in preflight.headers
            answer = await operator.http.get("/healthz", headers={"Origin": origin})
            assert answer.headers["access-control-allow-origin"] == origin
        for origin in ("https://evil.example", "null"):
            preflight = await operator.http.options("/graphql", headers={"Origin": origin, **asks})
            assert preflight.status_code == 400
            assert "access-control-allow-origin" not in preflight.headers
            answer = await operator.http.get("/healthz", headers={"Origin": origin})
            assert "access-control-allow-origin" not in answer.headers
