"""Leases: one holder at a time, a higher fence for every new one."""

from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.store import Store

SHOP = ShopDomain("first.myshopify.com")
OTHER = ShopDomain("second.myshopify.com")


async def test_a_held_lease_cannot_be_acquired(store: Store) -> None:
    first = await store.leases.acquire(SHOP, "sync", holder="a", seconds=60)
    assert first is not None
    assert await store.leases.acquire(SHOP, "sync", holder="b", seconds=60) is None


async def test_leases_of_other_shops_and_names_are_independent(store: Store) -> None:
    await store.leases.acquire(SHOP, "sync", holder="a", seconds=60)
    assert await store.leases.acquire(OTHER, "sync", holder="b", seconds=60) is not None
    assert await store.leases.acquire(SHOP, "token", holder="b", seconds=60) is not None


async def test_every_new_holder_gets_a_higher_fence(store: Store) -> None:
    first = await store.leases.acquire(SHOP, "sync", holder="a", seconds=60)
    assert first is not None
    await store.leases.release(first)
    second = await store.leases.acquire(SHOP, "sync", holder="a", seconds=60)
    assert second is not None
    assert (first.fence, second.fence) == (1, 2)


async def test_an_expired_lease_can_be_taken_and_not_renewed_by_its_old_holder(
    store: Store,
) -> None:
    first = await store.leases.acquire(SHOP, "sync", holder="a", seconds=0)
    assert first is not None
    second = await store.leases.acquire(SHOP, "sync", holder="b", seconds=60)
    assert second is not None
    assert not await store.leases.renew(first, seconds=60)
    assert await store.leases.renew(second, seconds=60)


async def test_releasing_a_lost_lease_leaves_the_new_holder_alone(store: Store) -> None:
    first = await store.leases.acquire(SHOP, "sync", holder="a", seconds=0)
    second = await store.leases.acquire(SHOP, "sync", holder="b", seconds=60)
    assert first is not None
    assert second is not None
    await store.leases.release(first)
    assert await store.leases.renew(second, seconds=60)
