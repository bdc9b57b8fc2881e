"""Shops: tokens encrypted and replaced together, watermarks that never go back."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from motor.motor_asyncio import AsyncIOMotorClient

from sync_engine.model.errors import FatalError
from sync_engine.model.paging import InvalidCursorError
from sync_engine.model.shop import AccessGrant
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, ShopStatus
from sync_engine.store.store import Store, open_store
from tests.examples import (
    MONDAY,
    OTHER_SHOP,
    SHOP,
    TUESDAY,
    batch,
    commit,
    connected_shop,
    customer,
    run_under_way,
)


async def test_tokens_are_encrypted_at_rest_and_come_back(
    store: Store, mongodb_uri: str, database_name: str
) -> None:
    await connected_shop(store)
    grant = AccessGrant(
        access_token="shpat_first",
        expires_at=TUESDAY,
        refresh_token="shprt_first",
        refresh_expires_at=TUESDAY + timedelta(90),
    )
    await store.shops.save_grant(SHOP, grant)
    assert await store.shops.grant(SHOP) == grant
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(mongodb_uri)
    raw = str(await client[database_name].shops.find_one({}))
    client.close()
    assert "shpat_first" not in raw
    assert "shprt_first" not in raw


async def test_tokens_outlive_a_rotation_of_keys(
    store: Store, mongodb_uri: str, database_name: str, encryption_key: str
) -> None:
    await connected_shop(store)
    new_key = Fernet.generate_key().decode()
    async with open_store(mongodb_uri, database_name, [new_key, encryption_key]) as rotated:
        grant = await rotated.shops.grant(SHOP)
        assert grant is not None
        assert grant.access_token == "shpat_secret"
    async with open_store(mongodb_uri, database_name, [new_key]) as without_old:
        with pytest.raises(FatalError, match="ECHOSIGNAL_ENCRYPTION_KEYS"):
            await without_old.shops.grant(SHOP)


async def test_connecting_again_keeps_the_install_and_the_watermarks(store: Store) -> None:
    first = await connected_shop(store)
    await store.shops.move_watermarks(SHOP, {Resource.ORDERS: TUESDAY})
    await store.shops.set_status(SHOP, ShopStatus.UNINSTALLED, reason="gone", now=TUESDAY)
    assert await store.shops.grant(SHOP) is None
    again = await connected_shop(store)
    assert (again.status, again.status_reason, again.uninstalled_at) == (
        ShopStatus.ACTIVE,
        None,
        None,
    )
    assert again.installed_at == first.installed_at
    assert again.synced_through == {Resource.ORDERS: TUESDAY}
    assert await store.shops.grant(SHOP) is not None


async def test_a_watermark_never_goes_back(store: Store) -> None:
    await connected_shop(store)
    await store.shops.move_watermarks(SHOP, {Resource.ORDERS: TUESDAY})
    await store.shops.move_watermarks(SHOP, {Resource.ORDERS: MONDAY, Resource.PRODUCTS: MONDAY})
    shop = await store.shops.get(SHOP)
    assert shop is not None
    assert shop.synced_through == {Resource.ORDERS: TUESDAY, Resource.PRODUCTS: MONDAY}


async def test_shops_are_listed_by_domain_in_pages(store: Store) -> None:
    domains = [ShopDomain(f"shop-{number}.myshopify.com") for number in range(5)]
    for domain in reversed(domains):
        await connected_shop(store, domain)
    seen: list[str] = []
    after = None
    while True:
        page = await store.shops.page(first=2, after=after)
        seen += [item.node.domain for item in page.items]
        if not page.has_next_page:
            break
        after = page.items[-1].cursor
    assert seen == domains
    assert await store.shops.count(search="shop-3.") == 1
    assert await store.shops.count(search="FIRST") == 5
    assert await store.shops.count(search=".*") == 0
    assert await store.shops.count(statuses=[ShopStatus.SUSPENDED]) == 0
    with pytest.raises(InvalidCursorError):
        await store.shops.page(first=2, after="nonsense")


async def test_purging_a_shop_leaves_nothing_of_it_and_all_of_the_others(
    store: Store, mongodb_uri: str, database_name: str
) -> None:
    for domain in (SHOP, OTHER_SHOP):
        await connected_shop(store, domain)
        run = await run_under_way(store, domain)
        written = await commit(store, run, Resource.CUSTOMERS, batch(customer()))
        assert written.stage(Resource.CUSTOMERS).counts.created == 1
        await store.leases.acquire(domain, "sync", holder="a", seconds=60)
    await store.purge(SHOP)
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(mongodb_uri)
    database = client[database_name]
    for name in await database.list_collection_names():
        async for document in database[name].find():
            assert SHOP not in str(document), name
    client.close()
    assert await store.shops.get(OTHER_SHOP) is not None
    assert await store.shop(OTHER_SHOP).customers.count() == 1


async def test_a_shop_that_was_connected_again_has_not_left(store: Store) -> None:
    await connected_shop(store)  # on Monday
    for left_at, has_left in ((MONDAY, False), (MONDAY + timedelta(milliseconds=1), True)):
        left = await store.shops.leave(SHOP, left_at=left_at, reason="gone", now=TUESDAY)
        assert left is has_left
    shop = await store.shops.get(SHOP)
    assert shop is not None
    assert (shop.status, shop.sessions_ended_at) == (ShopStatus.UNINSTALLED, TUESDAY)
    assert await store.shops.grant(SHOP) is None
