"""A gateway beside a simulated Shopify, and the merchants who come to it."""

from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.signature import sign_query
from tests.simulator_process import API_SECRET

SHOP = ShopDomain("fresh.myshopify.com")


async def begin(browser: httpx.AsyncClient, shop: str = SHOP) -> dict[str, str]:
    """Begin an install and return what Shopify is asked."""
    response = await browser.get(f"/auth/shopify?shop={shop}")
    assert response.status_code == 302
    return parameters_of(response)


async def consent(browser: httpx.AsyncClient, shop: str = SHOP) -> dict[str, str]:
    """Begin an install, let Shopify consent, and return its callback's parameters."""
    response = await browser.get(f"/auth/shopify?shop={shop}")
    response = await browser.get(response.headers["location"])
    return parameters_of(response)


def parameters_of(redirect: httpx.Response) -> dict[str, str]:
    """Return the parameters of the address that a browser is sent to."""
    query = parse_qs(urlsplit(redirect.headers["location"]).query)
    return {key: values[0] for key, values in query.items()}


def signed(parameters: dict[str, str], secret: str = API_SECRET) -> str:
    """Return a callback of Shopify's with these parameters."""
    unsigned = {key: value for key, value in parameters.items() if key != "hmac"}
    signature = sign_query(unsigned.items(), secret)
    return f"/auth/shopify/callback?{urlencode({**unsigned, 'hmac': signature})}"


async def install(browser: httpx.AsyncClient, shop: str = SHOP) -> httpx.Response:
    """Install the app as a merchant does, and return the answer to the callback."""
    response = await browser.get(signed(await consent(browser, shop)))
    assert response.status_code == 302, response.text
    return response
