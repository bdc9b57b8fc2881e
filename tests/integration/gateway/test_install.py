"""The install by OAuth: over real HTTP, redirect by redirect, and refused where it is forged."""

import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from config.settings import Settings
from gateway.cli.serve import serving_gateway
from sync_engine.model.sync_enums import (
    Resource,
    ShopStatus,
    SyncMode,
    SyncState,
    SyncTrigger,
)
from sync_engine.store.store import Store
from tests.integration.gateway.conftest import PREVIOUS_SECRET
from tests.integration.gateway.installed import (
    SHOP,
    begin,
    consent,
    install,
    parameters_of,
    signed,
)
from tests.simulator_process import API_KEY, Simulator, simulator
from tests.waiting import ended_run


@pytest.fixture(scope="module")
def running_shopify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Yield a simulator with one small shop."""
    cache = tmp_path_factory.mktemp("exports")
    spec = "fresh:customers=20:products=10:orders=50"
    with simulator(spec, cache=cache, arguments=("--bulk-seconds", "0.1")) as running:
        yield running


@pytest_asyncio.fixture
async def gateway(settings: Settings) -> AsyncIterator[Settings]:
    """Yield the settings of a gateway that serves and works."""
    async with serving_gateway(settings):
        yield settings


@pytest_asyncio.fixture
async def browser(gateway: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a merchant's browser that stops at every redirect."""
    async with httpx.AsyncClient(base_url=gateway.public_url, timeout=30) as client:
        yield client


async def test_an_install_connects_the_shop_and_its_first_sync_begins_by_itself(
    browser: httpx.AsyncClient, store: Store, shopify: Simulator
) -> None:
    asked = await begin(browser)
    assert asked["client_id"] == API_KEY
    assert asked["scope"] == "read_customers,read_products,read_orders,read_all_orders"
    assert asked["redirect_uri"].endswith("/auth/shopify/callback")
    assert "grant_options[]" not in asked

    browser.follow_redirects = True
    landed = await browser.get(f"/auth/shopify?shop={SHOP}")
    assert landed.status_code == 200
    assert landed.url.path == "/"

    shop = await store.shops.get(SHOP)
    assert shop is not None
    assert (shop.status, shop.profile.name) == (ShopStatus.ACTIVE, "Fresh")
    assert shop.granted_scopes == (
        "read_all_orders",
        "read_customers",
        "read_orders",
        "read_products",
    )
    grant = await store.shops.grant(SHOP)
    assert grant is not None
    assert grant.expires_at is not None
    assert grant.refresh_token is not None
    run = await ended_run(store, SHOP)
    assert (run.state, run.trigger) == (SyncState.SUCCEEDED, SyncTrigger.INSTALL)
    assert [stage.counts.processed for stage in run.stages] == [20, 10, 50]
    assert set(Resource) == {stage.resource for stage in run.stages}
    assert shopify.counters(SHOP)["oauth"]["refused"] == 0


async def test_shopifys_own_signed_link_begins_an_install(browser: httpx.AsyncClient) -> None:
    parameters = {"shop": SHOP, "timestamp": str(int(time.time())), "host": "YWRtaW4"}
    link = signed(parameters).replace("/callback", "")
    assert (await browser.get(link)).status_code == 302
    assert (await browser.get(link + "0")).status_code == 403


@pytest.mark.parametrize(
    "shop",
    [
        "",
        "fresh",
        "fresh.myshopify.com.evil.com",
        "fresh.myshopify.com%0a",
        "evil.com%2f.myshopify.com",
        "fresh.myshopify.com%0d%0aSet-Cookie:%20x=1",
    ],
)
async def test_what_is_no_shop_is_refused_before_anybody_is_sent_there(
    browser: httpx.AsyncClient, shop: str
) -> None:
    response = await browser.get(f"/auth/shopify?shop={shop}")
    assert response.status_code == 400
    assert "my-store.myshopify.com" in response.text
    assert "location" not in response.headers
    assert "set-cookie" not in response.headers


async def refused(browser: httpx.AsyncClient, store: Store, url: str, status: int) -> str:
    response = await browser.get(url)
    assert response.status_code == status
    assert "location" not in response.headers
    assert await store.shops.get(SHOP) is None
    return response.text


async def test_a_callback_with_a_changed_parameter_is_refused(
    browser: httpx.AsyncClient, store: Store
) -> None:
    good = await consent(browser)
    text = await refused(
        browser, store, f"/auth/shopify/callback?{urlencode(good | {'code': 'other'})}", 403
    )
    assert "signature" in text


async def test_a_callback_with_another_state_is_refused(
    browser: httpx.AsyncClient, store: Store
) -> None:
    good = await consent(browser)
    text = await refused(browser, store, signed(good | {"state": "0" * 64}), 403)
    assert "not begun here" in text


async def test_a_callback_without_the_cookie_is_refused(
    browser: httpx.AsyncClient, store: Store
) -> None:
    good = await consent(browser)
    browser.cookies.clear()
    text = await refused(browser, store, signed(good), 403)
    assert "not begun here" in text


async def test_a_callback_for_another_shop_is_refused(
    browser: httpx.AsyncClient, store: Store
) -> None:
    good = await consent(browser)
    text = await refused(browser, store, signed(good | {"shop": "other.myshopify.com"}), 403)
    assert "another shop" in text


async def test_a_callback_that_is_too_old_is_refused(
    browser: httpx.AsyncClient, store: Store
) -> None:
    good = await consent(browser)
    old = str(int(time.time()) - 120)
    text = await refused(browser, store, signed(good | {"timestamp": old}), 403)
    assert "too old" in text


async def test_a_code_that_shopify_does_not_know_is_refused(
    browser: httpx.AsyncClient, store: Store
) -> None:
    good = await consent(browser)
    text = await refused(browser, store, signed(good | {"code": "made-up"}), 400)
    assert "Start over" in text


async def test_a_callback_works_once(
    browser: httpx.AsyncClient, store: Store, shopify: Simulator
) -> None:
    good = signed(await consent(browser))
    cookies = dict(browser.cookies)
    assert (await browser.get(good)).status_code == 302
    assert (await browser.get(good)).status_code == 403
    asked = shopify.counters(SHOP)["oauth"]["requests"]
    browser.cookies.update(cookies)
    assert (await browser.get(good)).status_code == 403
    assert shopify.counters(SHOP)["oauth"]["requests"] == asked
    shop = await store.shops.get(SHOP)
    assert shop is not None
    assert shop.status is ShopStatus.ACTIVE


async def test_the_previous_secret_is_good_while_it_is_rotated_out(
    browser: httpx.AsyncClient,
) -> None:
    good = await consent(browser)
    assert (await browser.get(signed(good, PREVIOUS_SECRET))).status_code == 302


async def test_an_install_that_shopify_cannot_finish_can_be_started_over(
    browser: httpx.AsyncClient, store: Store, shopify: Simulator
) -> None:
    good = await consent(browser)
    shopify.control("POST", "/faults", kind="oauth", action={"type": "status", "status": 503})
    text = await refused(browser, store, signed(good), 503)
    assert "Start over" in text
    browser.follow_redirects = True
    assert (await browser.get(f"/auth/shopify?shop={SHOP}")).status_code == 200


async def test_the_browser_is_let_in_by_the_install(browser: httpx.AsyncClient) -> None:
    callback = await install(browser)
    session = next(
        each for each in callback.headers.get_list("set-cookie") if "echosignal_session" in each
    )
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    assert "Max-Age=86400" in session
    answer = await browser.post(
        "/graphql",
        json={"query": "{ viewer { kind scopes shop { domain } } }"},
        headers={"Origin": str(browser.base_url).rstrip("/")},
    )
    viewer = answer.json()["data"]["viewer"]
    assert (viewer["kind"], viewer["shop"]) == ("SHOP", {"domain": SHOP})
    assert "MANAGE_SHOPS" not in viewer["scopes"]


async def test_a_merchant_who_granted_too_little_is_asked_once_more(
    browser: httpx.AsyncClient, store: Store, shopify: Simulator
) -> None:
    shopify.control("POST", f"/shops/{SHOP}", granted_scopes=["read_products"])
    again = await install(browser)
    assert parameters_of(again)["scope"].startswith("read_customers,")
    assert "/admin/oauth/authorize" in again.headers["location"]
    assert await store.shop(SHOP).runs.latest() is None

    back = await browser.get(again.headers["location"])
    landed = await browser.get(back.headers["location"])
    assert landed.headers["location"] == str(browser.base_url.join(f"/?shop={SHOP}"))
    assert (await ended_run(store, SHOP)).trigger is SyncTrigger.INSTALL


async def test_leave_to_write_is_taken_for_leave_to_read(
    browser: httpx.AsyncClient, store: Store, shopify: Simulator
) -> None:
    scopes = ["write_customers", "write_products", "write_orders", "read_all_orders"]
    shopify.control("POST", f"/shops/{SHOP}", granted_scopes=scopes)
    with capture_logs() as logs:
        landed = await install(browser)
    assert landed.headers["location"] == str(browser.base_url.join(f"/?shop={SHOP}"))
    (finished,) = [each for each in logs if each["event"].startswith("install.")]
    assert (finished["event"], finished["missing_scopes"]) == ("install.finished", [])
    assert (await ended_run(store, SHOP)).state is SyncState.SUCCEEDED


async def test_a_shop_that_comes_back_catches_up(
    browser: httpx.AsyncClient, store: Store, shopify: Simulator
) -> None:
    await install(browser)
    first = await ended_run(store, SHOP)
    assert (first.mode, first.state) == (SyncMode.INITIAL, SyncState.SUCCEEDED)
    await store.shops.set_status(SHOP, ShopStatus.UNINSTALLED, reason="gone", now=datetime.now(UTC))
    shopify.control("POST", f"/shops/{SHOP}/uninstall", app=None)

    await install(browser)
    shop = await store.shops.get(SHOP)
    assert shop is not None
    assert (shop.status, shop.uninstalled_at) == (ShopStatus.ACTIVE, None)
    modes = [item.node.mode for item in (await store.shop(SHOP).runs.page(first=5)).items]
    assert SyncMode.INCREMENTAL in modes
    assert modes[-1] is SyncMode.INITIAL
    assert modes.count(SyncMode.INITIAL) == 1


async def test_an_install_over_an_install_begins_no_other_sync(
    browser: httpx.AsyncClient, store: Store
) -> None:
    await install(browser)
    await ended_run(store, SHOP)
    await install(browser)
    assert await store.shop(SHOP).runs.count() == 1


async def test_who_comes_from_the_admin_is_let_in_without_asking(
    browser: httpx.AsyncClient,
) -> None:
    parameters = {"shop": SHOP, "timestamp": str(int(time.time())), "host": "YWRtaW4"}
    link = signed(parameters).replace("/auth/shopify/callback", "/")
    sent = await browser.get(link)
    assert sent.headers["location"].startswith(f"/auth/shopify?shop={SHOP}&")
    browser.follow_redirects = True
    assert (await browser.get(link)).url.query == f"shop={SHOP}".encode()
    framed = signed(parameters | {"embedded": "1"}).replace("/auth/shopify/callback", "/")
    browser.follow_redirects = False
    assert (await browser.get(framed)).status_code == 200
