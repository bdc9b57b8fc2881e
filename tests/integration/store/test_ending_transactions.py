"""What a dead process left open is ended by its key, and never what somebody else does."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from sync_engine.store.mongo import Mongo, Session, open_mongo


@pytest_asyncio.fixture
async def mongo(mongodb_uri: str, database_name: str) -> AsyncIterator[Mongo]:
    """Yield the test's database."""
    async with open_mongo(mongodb_uri, database_name) as opened:
        yield opened


async def test_the_key_of_a_series_that_is_over_ends_nothing_of_whoever_comes_next(
    mongo: Mongo,
) -> None:
    things = mongo.collection("things")

    async def count(session: Session) -> int:
        return await things.count_documents({}, session=session)

    async with mongo.transactions() as over:
        key = over.key
        await over.atomically(count)
    async with mongo.transactions() as other:
        attempts = 0

        async def insert(session: Session) -> None:
            nonlocal attempts
            attempts += 1
            await things.insert_one({"_id": attempts}, session=session)
            await mongo.end_transaction_of(key)

        await other.atomically(insert)
        assert other.key != key
        assert attempts == 1
    assert await things.count_documents({}) == 1


async def test_the_key_is_no_ones_in_what_is_read_beside(mongo: Mongo) -> None:
    things = mongo.collection("things")
    await things.insert_one({"_id": 1})

    async def count(session: Session) -> int:
        return await things.count_documents({}, session=session)

    async with mongo.transactions() as over:
        key = over.key
        await over.atomically(count)
    reading = asyncio.ensure_future(things.find_one({"$where": "sleep(300) || true"}))
    while not reading.done():
        await mongo.end_transaction_of(key)
    assert await reading == {"_id": 1}


async def test_a_series_that_is_broken_off_leaves_nothing_open(mongo: Mongo) -> None:
    things = mongo.collection("things")
    is_open = asyncio.Event()

    async def insert_and_wait(session: Session) -> None:
        await things.insert_one({"_id": 1}, session=session)
        is_open.set()
        await asyncio.Event().wait()

    async def work() -> None:
        async with mongo.transactions() as series:
            await series.atomically(insert_and_wait)

    working = asyncio.create_task(work())
    await is_open.wait()
    working.cancel()
    await asyncio.wait([working])
    async with asyncio.timeout(10):  # an open transaction would hold this up for a minute
        await things.insert_one({"_id": 1})
    assert await things.count_documents({}) == 1
