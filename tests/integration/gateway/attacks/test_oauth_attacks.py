"""Stolen states, other shops' callbacks, redirects elsewhere, and domains that are none."""

import time
from urllib.parse import quote, urlsplit

import httpx

from config.settings import Settings
from sync_engine.store.store import Store
from tests.integration.gateway.conftest import Caller
from tests.integration.gateway.installed import SHOP, begin, consent, install, signed
from tests.simulator_process import Simulator

OTHER = "other.myshopify.com"
NO_DOMAINS = [
    "",
    "fresh",
    "evil.com",
    "fresh.myshopify.com\n",
    "fresh.myshopify.com\r\nSet-Cookie: echosignal_session=x",
    "fresh.myshopify.com\r\n\r\n<script>",
    "fresh.myshopify.com\0",
    "fresh.myshopify.com.evil.com",
    "fresh.myshopify.com/",
    "fresh.myshopify.com:443",
    "fresh.myshopify.com#.evil.com",
    "fresh.myshopify.com?x=.myshopify.com",
    "evil.com/fresh.myshopify.com",
    "evil.com#.myshopify.com",
    "user@fresh.myshopify.com",
    "https://fresh.myshopify.com",
    "//evil.com",
    "-fresh.myshopify.com",
    ".myshopify.com",
    "..myshopify.com",
    "a.b.myshopify.com",
    "fresh_.myshopify.com",
    "fresh .myshopify.com",
    "frésh.myshopify.com",
    "fresh\u3002myshopify.com",
    "\uff46resh.myshopify.com",
    "f" * 300 + ".myshopify.com",
]


async def test_nothing_that_is_no_shop_is_sent_anywhere(
    http: httpx.AsyncClient, settings: Settings, store: Store
) -> None:
    for domain in NO_DOMAINS:
        given = quote(domain, safe="")
        for address in (
            f"/auth/shopify?shop={given}",
            f"/auth/shopify?shop={SHOP}&shop={given}",
            signed({"shop": domain, "timestamp": str(int(time.time()))}).replace("/callback", ""),
        ):
            response = await http.get(address)
            assert response.status_code == 400, address
            assert not {"location", "set-cookie"} & set(response.headers)
            assert response.headers["content-type"].startswith("text/plain")
            assert response.headers["x-content-type-options"] == "nosniff"
    state = await begin(http)
    for domain in NO_DOMAINS:
        callback = signed(
            {
                "shop": domain,
                "state": state["state"],
                "code": "x",
                "timestamp": str(int(time.time())),
            }
        )
        assert (await http.get(callback)).status_code in {400, 403}
    assert settings.public_url in str(http.base_url)
    assert [each async for each in store.shops.every()] == []


async def test_a_domain_that_is_none_reaches_nothing_over_the_api(
    http: httpx.AsyncClient, shopify: Simulator, store: Store
) -> None:
    token = shopify.control("POST", f"/shops/{SHOP}/session_token")["session_token"]
    caller = Caller(http, token)
    operator = Caller(http, "operator-token-of-the-tests")
    connect = """mutation($domain: ShopDomain!) {
        connectShop(input: {domain: $domain, accessToken: "shpat_x"}) {
            shop { domain } userErrors { code } } }"""
    for domain in NO_DOMAINS:
        query = "query($domain: ShopDomain) { shop(domain: $domain) { domain } }"
        assert await caller.code(query, domain=domain) == "BAD_USER_INPUT"
        refused = (await operator.data(connect, domain=domain))["connectShop"]
        assert refused == {"shop": None, "userErrors": [{"code": "INVALID"}]}
    assert [each.domain async for each in store.shops.every()] == [SHOP]


async def test_every_redirect_goes_to_the_shop_or_home(
    http: httpx.AsyncClient, settings: Settings, shopify: Simulator
) -> None:
    wishes = "&".join(
        f"{name}=https://evil.example"
        for name in ("redirect_uri", "return_to", "returnTo", "next", "redirect", "url", "host")
    )
    begun = await http.get(f"/auth/shopify?shop={SHOP}&{wishes}", headers={"Host": "evil.example"})
    target = begun.headers["location"]
    assert target.startswith(f"{shopify.url}/{SHOP}/admin/oauth/authorize?")
    assert "evil" not in target
    back = await http.get(target)
    assert back.headers["location"].startswith(f"{settings.public_url}/auth/shopify/callback?")
    parameters = dict(httpx.URL(back.headers["location"]).params) | {
        "redirect_uri": "https://evil.example",
        "return_to": "//evil.example",
        "host": "https://evil.example",
    }
    landed = await http.get(signed(parameters), headers={"X-Forwarded-Host": "evil.example"})
    assert landed.status_code == 302
    assert landed.headers["location"] == f"{settings.public_url}/?shop={SHOP}"


async def test_a_stolen_state_is_of_no_use(
    http: httpx.AsyncClient, store: Store, shopify: Simulator, settings: Settings
) -> None:
    stolen = await consent(http)
    async with httpx.AsyncClient(base_url=settings.public_url, timeout=30) as thief:
        assert (await thief.get(signed(stolen))).status_code == 403  # without the cookie
        await begin(thief)
        assert (await thief.get(signed(stolen))).status_code == 403  # with a cookie of its own
        own = await begin(thief)
        assert (await thief.get(signed(stolen | {"state": own["state"]}))).status_code == 302
        # The last is a thief with a code that Shopify has signed, in the thief's own browser: for
        # that the state cannot help, but the code is good once, and the owner is told so.
    answer = await http.get(signed(stolen))
    assert answer.status_code == 400
    assert "Start over" in answer.text
    assert (await store.shops.get(OTHER)) is None  # type: ignore[arg-type]
    assert shopify.counters(SHOP)["oauth"]["requests"] == 3  # consent, and two exchanges


async def test_a_callback_is_good_once_even_with_its_cookie(
    http: httpx.AsyncClient, shopify: Simulator
) -> None:
    callback = signed(await consent(http))
    cookies = dict(http.cookies)
    assert (await http.get(callback)).status_code == 302
    asked = shopify.counters(SHOP)["oauth"]["requests"]
    for _ in range(3):
        http.cookies.clear()
        http.cookies.update(cookies)
        again = await http.get(callback)
        assert again.status_code == 403
        assert "set-cookie" not in again.headers
    assert shopify.counters(SHOP)["oauth"]["requests"] == asked


async def test_a_callback_of_one_shop_is_no_callback_of_another(
    http: httpx.AsyncClient, store: Store
) -> None:
    for forged in (
        (await consent(http)) | {"shop": OTHER},
        (await consent(http, OTHER)) | {"shop": SHOP},
    ):
        assert (await http.get(signed(forged))).status_code == 403
    assert [each async for each in store.shops.every()] == []


async def test_a_signed_link_cannot_be_changed(http: httpx.AsyncClient) -> None:
    parameters = {"shop": SHOP, "timestamp": str(int(time.time())), "host": "YWRtaW4"}
    link = signed(parameters).replace("/callback", "")
    for changed in (
        link + "&x=1",
        link + f"&shop={OTHER}",
        link + "&hmac=0",
        link.replace("hmac=", "hmac=0"),
        link.replace("hmac=", "hmac=&x="),
        link.replace(f"shop={SHOP}", f"shop={OTHER}"),
        link.replace("timestamp=", "timestamp=9"),
    ):
        assert (await http.get(changed)).status_code == 403, changed
    assert (await http.get(link)).status_code == 302


async def test_old_links_and_links_of_tomorrow_are_refused(http: httpx.AsyncClient) -> None:
    for seconds in (-3600, -92, 92, 86_400):
        for stamp in (str(int(time.time()) + seconds), "", "now", "1e9", "-1", "٣"):
            link = signed({"shop": SHOP, "timestamp": stamp}).replace("/callback", "")
            assert (await http.get(link)).status_code == 403, stamp


async def test_cookies_are_for_https_where_the_gateway_is(
    http: httpx.AsyncClient, settings: Settings
) -> None:
    callback = await install(http)
    cookies = callback.headers.get_list("set-cookie")
    assert all("HttpOnly" in each and "SameSite=lax" in each for each in cookies)
    assert not any("Domain=" in each for each in cookies)
    assert urlsplit(settings.public_url).scheme == "http"
    assert not any("Secure" in each for each in cookies)
