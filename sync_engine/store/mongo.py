"""Opens MongoDB: the one place that makes a driver client and says how it waits and writes."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from sync_engine.model.errors import FatalError
from sync_engine.store.codec import CODEC_OPTIONS, Document
from sync_engine.store.failures import store_failures

Session = AsyncIOMotorClientSession
Collection = AsyncIOMotorCollection[Document]
T = TypeVar("T")

_MAJORITY = WriteConcern("majority", wtimeout=30_000)


class Mongo:
    """A database and what may be done with it as a whole. Stays inside the store."""

    def __init__(
        self, client: "AsyncIOMotorClient[Document]", database: "AsyncIOMotorDatabase[Document]"
    ) -> None:
        """Take an open client; whoever opened it closes it."""
        self._client = client
        self._database = database

    def collection(self, name: str) -> Collection:
        """Return a collection with majority writes and UTC-aware dates."""
        return self._database[name]

    @property
    def database(self) -> "AsyncIOMotorDatabase[Document]":
        """The database itself, for the layout and the change stream."""
        return self._database

    async def ping(self) -> None:
        """Ask the server for a sign of life.

        Raises:
            StoreUnavailableError: none came.
        """
        with store_failures():
            await self._database.command("ping")

    async def atomically(self, work: Callable[[Session], Coroutine[Any, Any, T]]) -> T:
        """Run the work in a transaction, again from its start where MongoDB asks for that.

        The work must change nothing outside MongoDB, because it may run several times. It has to
        let the driver's exceptions through: their labels say whether to run it again.
        """
        with store_failures():
            async with await self._client.start_session() as session:
                return await session.with_transaction(
                    work,
                    read_concern=ReadConcern("snapshot"),
                    write_concern=_MAJORITY,
                    max_commit_time_ms=30_000,
                )


@asynccontextmanager
async def open_mongo(uri: str, database: str) -> AsyncIterator[Mongo]:
    """Connect and check that the server can do what the engine needs.

    Raises:
        StoreUnavailableError: no server answers within five seconds.
        FatalError: the server is not part of a replica set, so it has neither transactions nor
            change streams.
    """
    with store_failures():
        client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            uri,
            appname="echosignal",
            serverSelectionTimeoutMS=5_000,
            connectTimeoutMS=5_000,
            socketTimeoutMS=60_000,
            waitQueueTimeoutMS=30_000,
            retryWrites=True,
        )
    try:
        with store_failures():
            hello = await client.admin.command("hello")
        if "setName" not in hello and hello.get("msg") != "isdbgrid":
            message = (
                "MongoDB runs without a replica set: start it with --replSet rs0 and run "
                "rs.initiate() once; one node is enough"
            )
            raise FatalError(message)
        yield Mongo(
            client,
            client.get_database(database, codec_options=CODEC_OPTIONS, write_concern=_MAJORITY),
        )
    finally:
        client.close()
