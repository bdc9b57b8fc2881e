"""Many calls at once against strict buckets: all are answered, and Shopify need never refuse."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.shopify.connection import Shopify
from sync_engine.shopify.documents import Document
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.throttle.priority import Priority
from tests.integration.shopify.conftest import StaticToken
from tests.simulator_process import Simulator, simulator

SHOP = ShopDomain("strict.myshopify.com")
TOKENS = StaticToken("shpat_strict")
PAGE = Document("a_page", "query ($n: Int!) { orders(first: $n) { nodes { id customer { id } } } }")


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator with one shop of the largest ordinary plan."""
    spec = "strict:orders=60:customers=20:products=10:plan=plus"
    with simulator(spec, cache=simulator_cache) as running:
        yield running


@pytest.fixture
def shopify(running_shopify: Simulator) -> Simulator:
    """Return the simulator as if it had just been started."""
    running_shopify.control("POST", "/reset")
    return running_shopify


def refusals(shopify: Simulator) -> int:
    return sum(int(kind["throttled"]) for kind in shopify.counters(SHOP).values())


async def test_queries_of_every_priority_at_once_are_never_refused(
    connection: Shopify, shopify: Simulator
) -> None:
    shopify.control("POST", f"/shops/{SHOP}", points={"maximum": 300, "restore_rate": 300})
    meter = Meter()

    async def work(priority: Priority, sizes: list[int]) -> None:
        client = connection.client(SHOP, TOKENS, meter, priority=priority)
        for size in sizes:
            answer = await client.execute(PAGE, dict[str, msgspec.Raw], {"n": size})
            assert answer

    async with asyncio.TaskGroup() as group:
        for priority in [*Priority] * 3:
            group.create_task(work(priority, [50] * 6))
    usage = meter.take()
    assert (usage.requests, usage.throttled, refusals(shopify)) == (72, 0, 0)
    assert usage.seconds_waited_for_budget > 0
    budget = connection.budget(SHOP).graphql
    assert budget is not None
    assert (budget.maximum, budget.restores_per_second) == (300, 300)


async def test_rest_calls_at_once_are_never_refused(
    connection: Shopify, shopify: Simulator
) -> None:
    meter = Meter()
    rest = connection.rest(SHOP, TOKENS, meter, priority=Priority.PERSON)
    await rest.get("shop.json", {}, kind=dict[str, msgspec.Raw])
    shopify.control("POST", f"/shops/{SHOP}", calls={"level": 390})
    await rest.get("shop.json", {}, kind=dict[str, msgspec.Raw])
    async with asyncio.TaskGroup() as group:
        for _ in range(28):
            group.create_task(rest.get("shop.json", {}, kind=dict[str, msgspec.Raw]))
    usage = meter.take()
    assert (usage.requests, usage.throttled, refusals(shopify)) == (30, 0, 0)
    assert usage.seconds_waited_for_budget > 0


async def test_a_plan_that_changes_in_mid_run_is_followed(
    connection: Shopify, shopify: Simulator
) -> None:
    client = connection.client(SHOP, TOKENS, Meter(), priority=Priority.PERSON)
    for maximum in (20_000, 200, 4000):
        shopify.control("POST", f"/shops/{SHOP}", points={"maximum": maximum})
        for _ in range(4):
            await client.execute(PAGE, dict[str, msgspec.Raw], {"n": 50})
        budget = connection.budget(SHOP).graphql
        assert budget is not None
        assert budget.maximum == maximum
    assert refusals(shopify) == 0
