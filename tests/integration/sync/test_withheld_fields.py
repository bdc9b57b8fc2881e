"""Fields of customers that the app is not approved for: all else is kept, and the run says so."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from sync_engine.engine import Engine
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, SyncErrorCode, SyncMode, SyncState, SyncStrategy
from tests.integration.sync.conftest import MakeSettings, connect, opened, sync
from tests.simulator_process import Simulator, simulator

SPEC = "discreet:seed=8:customers=130:products=10:orders=60:plan=unmetered"
SHOP = ShopDomain("discreet.myshopify.com")
OF_CUSTOMERS = (
    "defaultAddress",
    "defaultEmailAddress",
    "defaultPhoneNumber",
    "firstName",
    "lastName",
)


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator with one shop."""
    with simulator(SPEC, cache=simulator_cache) as running:
        yield running


@pytest_asyncio.fixture
async def engine(shopify: Simulator, make_settings: MakeSettings) -> AsyncIterator[Engine]:
    """Yield an engine that is connected to the shop."""
    async with opened(make_settings(shopify)) as running:
        await connect(running, SHOP)
        yield running


@pytest.mark.parametrize(
    ("mode", "strategy"),
    [
        (SyncMode.INITIAL, SyncStrategy.GRAPHQL),
        (SyncMode.RECONCILE, None),
    ],
)
async def test_what_is_not_withheld_is_kept_and_the_run_names_the_rest_once(
    engine: Engine, shopify: Simulator, mode: SyncMode, strategy: SyncStrategy | None
) -> None:
    shopify.control("POST", f"/shops/{SHOP}", approval={"has_customers": True, "fields": []})
    run = await sync(engine, SHOP, strategy, mode=mode)
    store = engine.store.shop(SHOP)
    assert [await each.count() for each in (store.customers, store.products, store.orders)] == [
        130,
        10,
        60,
    ]
    assert all(stage.fallbacks == () for stage in run.stages)
    customer = await store.customers.get(shopify.truth(SHOP).customer(1).id)
    assert customer is not None
    assert (customer.first_name, customer.email) == (None, None)

    assert run.state is SyncState.PARTIAL
    assert run.stage(Resource.CUSTOMERS).withheld == OF_CUSTOMERS
    errors = [item.node for item in (await store.errors.page(first=50, run_id=run.id)).items]
    about_customers = [each for each in errors if each.resource is Resource.CUSTOMERS]
    assert len(about_customers) == len(OF_CUSTOMERS)
    for each in errors:
        assert (each.code, each.resource_id) == (SyncErrorCode.ACCESS_DENIED, None)
    assert run.error_count == len(errors)
    assert run.message is not None
    assert "could not be kept" not in run.message
    for piece in (*OF_CUSTOMERS, "of the customers", "protected customer data", "Partner"):
        assert piece in run.message


async def test_a_run_after_the_approval_brings_what_was_withheld(
    engine: Engine, shopify: Simulator
) -> None:
    shopify.control("POST", f"/shops/{SHOP}", approval={"has_customers": True, "fields": []})
    await sync(engine, SHOP, SyncStrategy.GRAPHQL)
    everything = ["name", "address", "phone", "email"]
    shopify.control(
        "POST", f"/shops/{SHOP}", approval={"has_customers": True, "fields": everything}
    )
    run = await sync(engine, SHOP, SyncStrategy.GRAPHQL)
    assert (run.state, run.message) == (SyncState.SUCCEEDED, None)
    named = shopify.truth(SHOP).customer(1)
    customer = await engine.store.shop(SHOP).customers.get(named.id)
    assert customer is not None
    assert (customer.first_name, customer.last_name) == (named.first_name, named.last_name)
