"""Expiring tokens: renewed in time and in mid-run, by one of many, both halves in one write."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
import pytest_asyncio

from sync_engine.engine import Engine
from sync_engine.installation.token_keeper import TokenKeeper
from sync_engine.model.errors import TokenRevokedError
from sync_engine.model.shop import AccessGrant, GrantKind
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import ShopStatus, SyncState
from tests.integration.sync.conftest import MakeSettings, opened, sync
from tests.simulator_process import Simulator, simulator

SHOP = ShopDomain("expiring.myshopify.com")


@pytest.fixture(scope="module")
def running_shopify(simulator_cache: Path) -> Iterator[Simulator]:
    """Yield a simulator with one small shop."""
    spec = "expiring:customers=20:products=10:orders=60"
    with simulator(spec, cache=simulator_cache, arguments=("--bulk-seconds", "0.1")) as running:
        yield running


def consent(engine: Engine) -> str:
    """Consent as the merchant and return the code that Shopify hands out."""
    url = engine.shopify.oauth.authorize_url(
        SHOP, redirect_uri="http://127.0.0.1/auth/shopify/callback", state="s"
    )
    (code,) = parse_qs(urlsplit(httpx.get(url).headers["location"]).query)["code"]
    return code


@pytest_asyncio.fixture
async def engine(shopify: Simulator, make_settings: MakeSettings) -> AsyncIterator[Engine]:
    """Yield an engine at whose shop the app was installed by OAuth."""
    async with opened(make_settings(shopify)) as running:
        await running.arrivals.by_code(SHOP, consent(running))
        yield running


def keeper(engine: Engine, holder: str) -> TokenKeeper:
    return TokenKeeper(
        SHOP,
        shops=engine.store.shops,
        leases=engine.store.leases,
        oauth=engine.shopify.oauth,
        clock=engine.clock,
        holder=holder,
    )


async def grant_of(engine: Engine) -> AccessGrant:
    grant = await engine.store.shops.grant(SHOP)
    assert grant is not None
    return grant


async def test_a_token_that_expires_in_mid_run_is_renewed_and_the_run_goes_on(
    engine: Engine, shopify: Simulator
) -> None:
    before = await grant_of(engine)
    shopify.control("POST", "/faults", kind="bulk_poll", action={"type": "expire_token"})
    run = await sync(engine, SHOP)
    assert (run.state, run.message) == (SyncState.SUCCEEDED, None)
    after = await grant_of(engine)
    assert after.access_token != before.access_token
    assert after.refresh_token != before.refresh_token
    assert shopify.counters(SHOP)["oauth"]["requests"] == 3  # consent, exchange, renewal


async def test_a_token_that_is_about_to_expire_is_renewed_before_it_is_used(
    engine: Engine, shopify: Simulator
) -> None:
    before = await grant_of(engine)
    soon = engine.clock.now() + timedelta(minutes=2)
    await engine.store.shops.save_grant(SHOP, msgspec.structs.replace(before, expires_at=soon))
    run = await sync(engine, SHOP)
    assert run.state is SyncState.SUCCEEDED
    assert (await grant_of(engine)).access_token != before.access_token
    assert shopify.counters(SHOP)["graphql"]["refused"] == 0


async def test_of_many_workers_exactly_one_renews(engine: Engine, shopify: Simulator) -> None:
    rejected = (await grant_of(engine)).access_token
    async with asyncio.TaskGroup() as group:
        renewals = [
            group.create_task(keeper(engine, f"worker {number}").renewed(rejected))
            for number in range(8)
        ]
    tokens = {renewal.result() for renewal in renewals}
    assert tokens == {(await grant_of(engine)).access_token}
    assert shopify.counters(SHOP)["oauth"]["requests"] == 3  # consent, exchange, one renewal


async def test_a_refresh_token_that_is_no_good_asks_for_reauthorization(
    engine: Engine, shopify: Simulator
) -> None:
    shopify.control("POST", f"/shops/{SHOP}/tokens/revoke", app=None)
    run = await sync(engine, SHOP)
    assert run.state is SyncState.FAILED
    shop = await engine.store.shops.get(SHOP)
    assert shop is not None
    assert shop.status is ShopStatus.REAUTHORIZATION_REQUIRED
    with pytest.raises(TokenRevokedError, match="open the app again"):
        await keeper(engine, "a").renewed((await grant_of(engine)).access_token)


@pytest_asyncio.fixture
async def migrating(shopify: Simulator, make_settings: MakeSettings) -> AsyncIterator[Engine]:
    """Yield an engine whose settings say that old tokens are to get an expiry."""
    settings = make_settings(shopify)
    shopify_settings = settings.shopify.model_copy(update={"migrate_tokens": True})
    async with opened(settings.model_copy(update={"shopify": shopify_settings})) as running:
        yield running


async def connected_for_ever(engine: Engine, shopify: Simulator, kind: GrantKind) -> str:
    """Connect the shop by an old token of the app and return the token."""
    issued = shopify.control("POST", f"/shops/{SHOP}/tokens", kind="permanent")
    token: str = issued["access_token"]
    await engine.connect(SHOP, AccessGrant(access_token=token, kind=kind))
    return token


async def test_an_old_token_is_traded_for_one_that_expires(
    migrating: Engine, shopify: Simulator
) -> None:
    old = await connected_for_ever(migrating, shopify, GrantKind.OAUTH)
    async with asyncio.TaskGroup() as group:
        for number in range(4):
            migrator = TokenKeeper(
                SHOP,
                shops=migrating.store.shops,
                leases=migrating.store.leases,
                oauth=migrating.shopify.oauth,
                clock=migrating.clock,
                holder=f"worker {number}",
                migrates=True,
            )
            group.create_task(migrator.maintain())
    grant = await grant_of(migrating)
    assert grant.access_token != old
    assert grant.expires_at is not None
    assert grant.refresh_token is not None
    assert shopify.counters(SHOP)["oauth"]["requests"] == 1
    assert (await sync(migrating, SHOP)).state is SyncState.SUCCEEDED


async def test_an_exchange_whose_answer_was_lost_is_asked_for_again(
    migrating: Engine, shopify: Simulator
) -> None:
    old = await connected_for_ever(migrating, shopify, GrantKind.OAUTH)
    await migrating.shopify.oauth.migrate(SHOP, old)  # and nobody has stored what came of it
    assert (await sync(migrating, SHOP)).state is SyncState.SUCCEEDED
    assert (await grant_of(migrating)).access_token != old


async def test_a_custom_apps_token_stays_as_it_is(migrating: Engine, shopify: Simulator) -> None:
    given = await connected_for_ever(migrating, shopify, GrantKind.GIVEN)
    await migrating.clients.keepers.of(SHOP).maintain()
    assert (await grant_of(migrating)).access_token == given


async def test_old_tokens_stay_where_the_settings_do_not_say_otherwise(
    engine: Engine, shopify: Simulator
) -> None:
    old = await connected_for_ever(engine, shopify, GrantKind.OAUTH)
    await keeper(engine, "a").maintain()
    assert (await grant_of(engine)).access_token == old


async def test_a_merchants_own_app_asks_for_another_token_by_its_own_key(
    migrating: Engine, shopify: Simulator
) -> None:
    shop = await migrating.arrivals.by_client_credentials(SHOP)
    first = await grant_of(migrating)
    assert (first.kind, first.refresh_token) == (GrantKind.CLIENT_CREDENTIALS, None)
    assert first.expires_at is not None
    assert shop.status is ShopStatus.ACTIVE
    shopify.control("POST", f"/shops/{SHOP}/tokens/expire")
    assert (await sync(migrating, SHOP)).state is SyncState.SUCCEEDED
    second = await grant_of(migrating)
    assert second.access_token != first.access_token
    assert second.kind is GrantKind.CLIENT_CREDENTIALS


async def test_a_token_that_is_renewed_too_late_does_not_come_back_to_a_shop_that_left(
    engine: Engine,
) -> None:
    grant = await grant_of(engine)
    await engine.disconnect(SHOP)
    await engine.store.shops.save_grant(SHOP, grant)
    assert await engine.store.shops.grant(SHOP) is None
