"""API tokens: shown once, kept as a hash, good until revoked."""

from datetime import timedelta

from motor.motor_asyncio import AsyncIOMotorClient

from sync_engine.model.access import ViewerScope
from sync_engine.store.store import Store, open_store
from tests.examples import MONDAY, OTHER_SHOP, SHOP, TUESDAY


async def test_a_token_authenticates_its_shop_with_its_scopes(store: Store) -> None:
    made, text = await store.api_tokens.create(SHOP, [ViewerScope.READ_DATA], now=MONDAY)
    found = await store.api_tokens.authenticate(text, now=TUESDAY)
    assert found is not None
    assert (found.id, found.shop, found.scopes) == (made.id, SHOP, (ViewerScope.READ_DATA,))
    (listed,) = await store.api_tokens.list(SHOP)
    assert listed.last_used_at == TUESDAY


async def test_what_is_not_a_token_is_refused(store: Store) -> None:
    _, text = await store.api_tokens.create(SHOP, [ViewerScope.READ_DATA], now=MONDAY)
    changed = text[:-1] + ("a" if text[-1] != "a" else "b")
    for wrong in ("", "echo_", text.removeprefix("echo_"), changed, "echo_1_2", text + "x"):
        assert await store.api_tokens.authenticate(wrong, now=MONDAY) is None


async def test_a_revoked_token_is_no_good(store: Store) -> None:
    token, text = await store.api_tokens.create(SHOP, [ViewerScope.READ_DATA], now=MONDAY)
    assert await store.api_tokens.revoke(token.id, now=TUESDAY)
    assert await store.api_tokens.revoke(token.id, now=TUESDAY)
    assert not await store.api_tokens.revoke("unknown", now=TUESDAY)
    assert await store.api_tokens.authenticate(text, now=TUESDAY) is None


async def test_a_token_that_is_in_use_ends_with_its_revocation(store: Store) -> None:
    tokens = store.api_tokens
    async with store.feed.open():
        for is_one_of_all in (False, True):
            token, text = await tokens.create(SHOP, [ViewerScope.READ_DATA], now=MONDAY)
            assert await tokens.authenticate(text, now=MONDAY)
            if is_one_of_all:
                await tokens.revoke_all(SHOP, now=TUESDAY)
            else:
                await tokens.revoke(token.id, now=TUESDAY)
            assert await tokens.authenticate(text, now=TUESDAY) is None


async def test_a_process_that_hears_of_no_changes_keeps_no_token(
    store: Store, mongodb_uri: str, database_name: str, encryption_key: str
) -> None:
    token, text = await store.api_tokens.create(SHOP, [ViewerScope.READ_DATA], now=MONDAY)
    assert await store.api_tokens.authenticate(text, now=MONDAY)
    async with open_store(mongodb_uri, database_name, [encryption_key]) as elsewhere:
        await elsewhere.api_tokens.revoke(token.id, now=TUESDAY)
    assert await store.api_tokens.authenticate(text, now=TUESDAY) is None


async def test_a_token_ends_by_itself_at_its_time(store: Store) -> None:
    _, text = await store.api_tokens.create(
        SHOP, [ViewerScope.READ_DATA], now=MONDAY, expires_at=TUESDAY
    )
    assert await store.api_tokens.authenticate(text, now=TUESDAY - timedelta(milliseconds=1))
    assert await store.api_tokens.authenticate(text, now=TUESDAY) is None


async def test_all_tokens_of_a_shop_end_and_no_others(store: Store) -> None:
    texts = [
        (await store.api_tokens.create(shop, [ViewerScope.READ_DATA], now=MONDAY))[1]
        for shop in (SHOP, SHOP, OTHER_SHOP)
    ]
    assert await store.api_tokens.revoke_all(SHOP, now=TUESDAY) == 2
    assert await store.api_tokens.revoke_all(SHOP, now=TUESDAY) == 0
    good = [await store.api_tokens.authenticate(text, now=TUESDAY) for text in texts]
    assert [each is not None for each in good] == [False, False, True]


async def test_the_secret_is_nowhere_in_the_database(
    store: Store, mongodb_uri: str, database_name: str
) -> None:
    _, text = await store.api_tokens.create(SHOP, [ViewerScope.READ_DATA], now=MONDAY)
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(mongodb_uri)
    raw = str(await client[database_name].api_tokens.find_one({}))
    client.close()
    assert text.split("_")[2] not in raw


async def test_tokens_are_listed_by_shop(store: Store) -> None:
    await store.api_tokens.create(SHOP, [ViewerScope.READ_DATA], now=MONDAY)
    await store.api_tokens.create(OTHER_SHOP, [ViewerScope.READ_SYNC], now=MONDAY)
    assert [token.shop for token in await store.api_tokens.list()] == [SHOP, OTHER_SHOP]
    assert [token.shop for token in await store.api_tokens.list(OTHER_SHOP)] == [OTHER_SHOP]
