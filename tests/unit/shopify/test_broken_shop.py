"""A shop that does not answer: left alone for a while, without harm to others, then back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import msgspec
import pytest
import pytest_asyncio

from sync_engine.jobs.local import LocalDispatcher
from sync_engine.model.errors import CircuitOpenError
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.app_credentials import AppCredentials
from sync_engine.shopify.connection import Shopify
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.shopify.throttle.request_window import RequestWindow
from tests.integration.shopify.conftest import StaticToken
from tests.manual_clock import ManualClock

BROKEN, SOUND = ShopDomain("broken.myshopify.com"), ShopDomain("sound.myshopify.com")
APP = AppCredentials(
    api_key="",
    api_secret="",
    previous_api_secret=None,
    api_version="2026-10",
    scopes=(),
    base_url="https://{shop}",
)


class Platform:
    """Shopify, with one shop that may be broken."""

    def __init__(self) -> None:
        self.is_broken = True
        self.asked: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.host)
        is_broken = self.is_broken and request.url.host == BROKEN
        return httpx.Response(503) if is_broken else httpx.Response(200, json={})


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest_asyncio.fixture
async def shopify(platform: Platform, clock: ManualClock) -> AsyncIterator[Shopify]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(platform.answer)) as pool:
        yield Shopify(APP, pool, RequestWindow(40, clock), clock)


async def read(shopify: Shopify, shop: ShopDomain) -> None:
    rest = shopify.rest(shop, StaticToken("t"), Meter(), priority=Priority.INITIAL)
    await rest.get("shop.json", {}, kind=dict[str, msgspec.Raw])


async def pass_time(
    clock: ManualClock, work: Callable[[], Awaitable[None]], *, limit_seconds: float
) -> None:
    async def run() -> None:
        await work()

    await clock.run_until_done(asyncio.create_task(run()), limit_seconds=limit_seconds)


async def test_a_shop_that_is_away_is_given_up_for_a_while_and_comes_back_by_itself(
    shopify: Shopify, platform: Platform, clock: ManualClock
) -> None:
    with pytest.raises(CircuitOpenError):
        await pass_time(clock, lambda: read(shopify, BROKEN), limit_seconds=200)
    platform.asked.clear()
    with pytest.raises(CircuitOpenError) as caught:
        await read(shopify, BROKEN)
    assert platform.asked == []
    await read(shopify, SOUND)
    assert platform.asked == [SOUND]
    platform.is_broken = False
    clock.advance(caught.value.retry_after_seconds or 0)
    assert clock.now() >= caught.value.next_try_at
    await read(shopify, BROKEN)


async def test_work_for_a_shop_that_is_away_rests_until_the_next_try(clock: ManualClock) -> None:
    tries: list[float] = []

    async def work(shop: ShopDomain, run_id: str) -> None:
        del shop, run_id
        tries.append(clock.monotonic_seconds())
        raise CircuitOpenError("away", retry_after_seconds=120, next_try_at=clock.now())

    dispatcher = LocalDispatcher(work, work, at_once=1, clock=clock)
    async with dispatcher.open():
        for _ in range(25):
            dispatcher.dispatch(BROKEN, "run")
            for _ in range(10):
                await asyncio.sleep(0)
            clock.advance(10)
    assert tries == [0, 120, 240]
