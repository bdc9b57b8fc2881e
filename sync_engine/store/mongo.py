"""Opens MongoDB: the one place that makes a driver client and says how it waits and writes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from random import uniform
from typing import Any, Final, TypeVar, cast
from urllib.parse import parse_qsl
from uuid import UUID

from bson import Binary, Timestamp
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from sync_engine.model.errors import FatalError
from sync_engine.model.telemetry import SILENT, Telemetry
from sync_engine.store.codec import CODEC_OPTIONS, Document
from sync_engine.store.command_watch import CommandWatch
from sync_engine.store.failures import store_failures

Session = AsyncIOMotorClientSession
Collection = AsyncIOMotorCollection[Document]
T = TypeVar("T")

_FIRST_PAUSE_SECONDS = 0.005
_LAST_PAUSE_SECONDS = 0.1
_MAJORITY = WriteConcern("majority", wtimeout=30_000)
_OPTIONS: Final[dict[str, Any]] = {
    "appname": "echosignal",
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 5_000,
    "socketTimeoutMS": 60_000,
    "waitQueueTimeoutMS": 30_000,
    "retryWrites": True,
}
"""What holds of a connection unless its URI says otherwise."""


class Mongo:
    """A database and what may be done with it as a whole. Stays inside the store."""

    def __init__(
        self, client: "AsyncIOMotorClient[Document]", database: "AsyncIOMotorDatabase[Document]"
    ) -> None:
        """Take an open client; whoever opened it closes it."""
        self._client = client
        self._database = database
        self._collections: dict[str, Collection] = {}

    def collection(self, name: str) -> Collection:
        """Return a collection with majority writes and UTC-aware dates."""
        collection = self._collections.get(name)
        if collection is None:  # the driver takes longer over it than over a small answer
            collection = self._collections[name] = self._database[name]
        return collection

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

    async def time(self) -> datetime:
        """Return the server's time."""
        hello: Document = await self._client.admin.command("hello")
        now: datetime = hello["localTime"]
        return now.replace(tzinfo=UTC)

    async def after_now(self) -> Timestamp:
        """Return the first moment of MongoDB's own time after all that is written by now."""
        hello: Document = await self._client.admin.command("hello")
        latest: Timestamp = hello["operationTime"]
        return Timestamp(latest.time, latest.inc + 1)

    @asynccontextmanager
    async def transactions(self) -> AsyncIterator["Transactions"]:
        """Open a series of transactions that another process can end, should we be gone.

        The driver would keep a session that ends for whoever wants one next. This one has a key
        that others know, so it is left to expire in MongoDB: what is ended by the key is never
        anybody else's.
        """
        with store_failures():
            session = await self._client.start_session()
        try:
            yield Transactions(session)
        finally:
            if cast("bool", session.in_transaction):  # which is typed as a method
                with suppress(PyMongoError):
                    await session.abort_transaction()

    @asynccontextmanager
    async def one_moment(self) -> AsyncIterator[Session]:
        """Open a session whose reads all see the same moment; MongoDB keeps it for some minutes."""
        with store_failures():
            session = await self._client.start_session(snapshot=True)
        async with session:
            yield session

    async def end_transaction_of(self, key: str) -> None:
        """Abort what a series of transactions left open; harmless where it left nothing.

        MongoDB would otherwise keep the transaction of a killed process, and its locks, for a
        minute.
        """
        with store_failures():
            lsid = {"id": Binary.from_uuid(UUID(key))}
            await self._client.admin.command("killSessions", [lsid])


class Transactions:
    """Transactions one after the other, under a key by which the last of them can be ended."""

    def __init__(self, session: Session) -> None:
        """Take a session that is used for nothing else."""
        self._session = session
        self._turn = asyncio.Lock()

    @property
    def key(self) -> str:
        """The key for ``Mongo.end_transaction_of``."""
        identity = cast("Mapping[str, Binary]", self._session.session_id)
        return identity["id"].as_uuid().hex

    async def atomically(self, work: Callable[[Session], Coroutine[Any, Any, T]]) -> T:
        """Run the work in a transaction, after whatever has begun before.

        It is done again, from its beginning, where another transaction was in its way; with a pause
        that grows, so that the other one gets through.
        """
        async with self._turn:
            with store_failures():
                return await _in_transaction(self._session, work)


async def _in_transaction(session: Session, work: Callable[[Session], Coroutine[Any, Any, T]]) -> T:
    attempts = 0

    async def attempt(session: Session) -> T:
        nonlocal attempts
        if attempts:
            pause = min(_FIRST_PAUSE_SECONDS * 2 ** (attempts - 1), _LAST_PAUSE_SECONDS)
            await asyncio.sleep(pause * uniform(0.5, 1.0))  # noqa: S311 - no secret
        attempts += 1
        return await work(session)

    return await session.with_transaction(
        attempt,
        read_concern=ReadConcern("snapshot"),
        write_concern=_MAJORITY,
        max_commit_time_ms=30_000,
    )


@asynccontextmanager
async def open_mongo(
    uri: str, database: str, telemetry: Telemetry = SILENT
) -> AsyncIterator[Mongo]:
    """Connect and check that the server can do what the engine needs.

    Raises:
        StoreUnavailableError: no server answers within five seconds, or what the URI says.
        FatalError: the server is not part of a replica set, so it has neither transactions nor
            change streams.
    """
    with store_failures():
        client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            uri,
            **_options_beside(uri),
            event_listeners=[] if telemetry is SILENT else [CommandWatch(telemetry)],
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


def _options_beside(uri: str) -> dict[str, Any]:
    """Return what the URI leaves open; the driver would let an argument overrule the URI."""
    _, _, options = uri.partition("?")
    said = {name.lower() for name, _ in parse_qsl(options, keep_blank_values=True)}
    return {name: value for name, value in _OPTIONS.items() if name.lower() not in said}
