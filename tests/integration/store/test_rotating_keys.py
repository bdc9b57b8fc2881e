"""Stored tokens move under a new key while everything else goes on."""

from collections import Counter

import msgspec
import pytest
from cryptography.fernet import Fernet

from sync_engine.model.errors import FatalError
from sync_engine.model.shop import AccessGrant
from sync_engine.store.shops import ReencryptionOutcome, ShopRepository
from sync_engine.store.store import Store, open_store
from tests.examples import MONDAY, TUESDAY, connected_shop, fresh_shop

GRANT = AccessGrant(
    access_token="shpat_1", expires_at=MONDAY, refresh_token="shprt_1", refresh_expires_at=TUESDAY
)
_DONE, _ALREADY, _UNREADABLE = ReencryptionOutcome


async def outcomes(shops: ShopRepository) -> Counter[ReencryptionOutcome]:
    return Counter([each.outcome async for each in shops.encrypt_anew()])


@pytest.fixture
def new_key() -> str:
    return Fernet.generate_key().decode()


async def test_every_grant_comes_under_the_newest_key_once(
    store: Store, mongodb_uri: str, database_name: str, encryption_key: str, new_key: str
) -> None:
    domains = [fresh_shop() for _ in range(3)]
    for domain in domains:
        await connected_shop(store, domain)
        await store.shops.save_grant(domain, GRANT)
    async with open_store(mongodb_uri, database_name, [new_key, encryption_key]) as rotating:
        stopped = rotating.shops.encrypt_anew()
        assert (await anext(stopped)).outcome is _DONE
        await stopped.aclose()  # type: ignore[attr-defined]
        assert await outcomes(rotating.shops) == {_DONE: 2, _ALREADY: 1}
        assert await outcomes(rotating.shops) == {_ALREADY: 3}
    async with open_store(mongodb_uri, database_name, [new_key]) as rotated:
        assert [await rotated.shops.grant(domain) for domain in domains] == [GRANT] * 3
    with pytest.raises(FatalError):
        await store.shops.grant(domains[0])


async def test_a_grant_that_was_renewed_meanwhile_is_not_overwritten(
    store: Store, mongodb_uri: str, database_name: str, encryption_key: str, new_key: str
) -> None:
    first, second = sorted((fresh_shop(), fresh_shop()))
    renewed = msgspec.structs.replace(GRANT, access_token="shpat_2")
    for domain in (first, second):
        await connected_shop(store, domain)
    async with open_store(mongodb_uri, database_name, [new_key, encryption_key]) as rotating:
        moving = rotating.shops.encrypt_anew()
        one = await anext(moving)  # both have been read by now
        other = second if one.shop == first else first
        await store.shops.save_grant(other, renewed)
        assert [each.outcome async for each in moving] == [_ALREADY]
        assert await rotating.shops.grant(other) == renewed


async def test_a_grant_under_a_lost_key_stops_no_other(
    store: Store, mongodb_uri: str, database_name: str, encryption_key: str, new_key: str
) -> None:
    await connected_shop(store, fresh_shop())
    async with open_store(mongodb_uri, database_name, [new_key]) as other:
        await connected_shop(other, fresh_shop())
    newest = Fernet.generate_key().decode()
    async with open_store(mongodb_uri, database_name, [newest, encryption_key]) as rotating:
        assert await outcomes(rotating.shops) == {_DONE: 1, _UNREADABLE: 1}
