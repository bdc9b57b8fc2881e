"""Every method of the store, found by introspection, asks MongoDB for one shop alone.

The commands are watched where the driver sends them, so nothing that a repository says of itself
counts. A method that is new is called by the names of its parameters; where these do not say
enough, the test fails until somebody says how it is called, or below why it may look across shops.
"""

import importlib
import inspect
import pkgutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorClient

import sync_engine.store
from sync_engine.model.errors import LeaseLostError
from sync_engine.store.codec import CODEC_OPTIONS
from sync_engine.store.layout import apply_layout
from sync_engine.store.mongo import Mongo
from sync_engine.store.retention import DEFAULT_RETENTION
from sync_engine.store.store import Store
from sync_engine.store.vault import Vault
from tests.integration.store.calling_the_store import call
from tests.integration.store.store_arguments import World
from tests.integration.store.watched_commands import Watcher
from tests.two_shops import MINE, THEIRS, documents_of, fill, marker

# Methods that look across shops, each with the reason why it has to.
ACROSS_SHOPS = {
    "ApiTokenRepository.authenticate": "the token is what says which shop its caller is",
    "ApiTokenRepository.revoke": "the operator names a token, and no shop",
    "AuditTrail.newest": "the operator reads what was done, whoever it was done to",
    "Backlogs.look": "the operator's metrics count what waits, over all shops",
    "DataExports.read": "the operator names an export, and no shop",
    "EngagementRepository.of_all": "the operator's metrics count the operations of a day",
    "EventIntake.shops_waiting": "a worker asks who has events; it applies them shop by shop",
    "LeaseRepository.release_all": "the embedded database has had one process, which is gone",
    "ChangeFeed.open": "one change stream feeds the listeners of all shops, each with its own",
    "RunQueue.waiting": "a worker asks who has runs; it works on them shop by shop",
    "RunQueue.shop_of": "the operator names a run, and no shop",
    "ShopRepository.encrypt_anew": "the operator puts all grants under a new key",
    "ShopRepository.every": "the schedule mends the timetable of every shop",
    "Timetable.claim": "a worker takes the next job, whoever's it is",
}

# What holds no data of shops, or is the way by which the others reach it and shows in theirs.
NO_REPOSITORIES = {
    "Mongo": "the database as a whole",
    "Transactions": "the transaction around others' commands",
    "ScopedCollection": "what confines the others; every command of theirs is one of its",
    "RunListener": "waits in memory",
    "DayListener": "waits in memory",
    "ChangeListener": "what the feeds have in common",
    "Lease": "a value",
    "EmbeddedMongod": "a process",
    "DirectoryLock": "a file",
}
MADE_FOR_A_TRANSACTION = ("CustomerVisits", "OrderLedger", "OrderMover", "RollupComparison")
NO_COMMANDS = {
    "RollupFeed.catch_up": "wakes in memory those who then ask for their shop",
    "KnownTokens.catch_up": "forgets what is held in memory",
    "ShopFeed.catch_up": "forgets what is held in memory",
    "Store.rollup_builder": "opens a session",
    "Store.ping": "asks for a sign of life",
    "Store.changes": "opens a session",
    "Store.writers": "opens a session",
    "BatchWriter.seal": "encodes in memory",
    "EventIntake.open": "begins to wait for events",
}


@pytest_asyncio.fixture
async def world(mongodb_uri: str, database_name: str, encryption_key: str) -> AsyncIterator[World]:
    watcher = Watcher()
    client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(mongodb_uri, event_listeners=[watcher])
    mongo = Mongo(client, client.get_database(database_name, codec_options=CODEC_OPTIONS))
    await apply_layout(mongo, DEFAULT_RETENTION)
    store = Store(mongo, Vault([encryption_key]))
    run = await fill(store, MINE)
    await fill(store, THEIRS)
    yield World(
        store=store,
        mongo=mongo,
        watcher=watcher,
        uri=mongodb_uri,
        database=database_name,
        run=run,
    )
    client.close()


def methods() -> Iterator[tuple[str, str, bool]]:
    """Yield class, name and whether it is a context manager, of all that may await MongoDB."""
    for module_info in pkgutil.walk_packages(sync_engine.store.__path__, "sync_engine.store."):
        module = importlib.import_module(module_info.name)
        for class_name, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ != module_info.name or class_name in NO_REPOSITORIES:
                continue
            for name, given in vars(kind).items():
                function = inspect.unwrap(given) if callable(given) else given
                if not name.startswith("_") and (
                    inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
                ):
                    is_generator = inspect.isasyncgenfunction(function)
                    yield class_name, name, is_generator and hasattr(given, "__wrapped__")


def parts_of(whole: object, found: dict[int, object] | None = None) -> list[object]:
    """Return everything of the store that hangs together with an object of it."""
    found = {} if found is None else found
    if isinstance(whole, Mapping):
        for each in whole.values():
            parts_of(each, found)
    elif isinstance(whole, tuple):
        for each in whole:
            parts_of(each, found)
    elif type(whole).__module__.startswith("sync_engine.store") and id(whole) not in found:
        found[id(whole)] = whole
        slots = getattr(type(whole), "__slots__", ())
        for name in (*getattr(whole, "__dict__", {}), *slots):
            parts_of(getattr(whole, name, None), found)
    return list(found.values())


@asynccontextmanager
async def instances(store: Store) -> AsyncIterator[dict[str, list[Any]]]:
    """Yield the objects of the store by the names of their classes, as one shop has them."""
    by_class: dict[str, list[Any]] = {}
    async with AsyncExitStack() as stack:
        found: dict[int, object] = {}
        for whole in (
            store,
            store.shop(MINE),
            store.archivable(MINE),
            store.archive_catalogue(MINE),
            store.budget_books(MINE, "graphql"),
            await stack.enter_async_context(store.writers(MINE)),
            await stack.enter_async_context(store.changes(MINE)),
            await stack.enter_async_context(store.rollup_builder(MINE)),
        ):
            parts_of(whole, found)
        for each in found.values():
            by_class.setdefault(type(each).__name__, []).append(each)
        by_class |= {name: [None] for name in MADE_FOR_A_TRANSACTION}
        yield by_class


# What ends something that others need comes last.
_LAST = ("RunRepository.finish", "RunRepository.request_cancel", "Store.purge")


async def test_every_command_of_every_method_is_confined_to_its_shop(world: World) -> None:
    found = sorted(methods(), key=lambda each: (f"{each[0]}.{each[1]}" in _LAST, each))
    assert {f"{kind}.{name}" for kind, name, _ in found} >= ACROSS_SHOPS.keys()
    theirs = await documents_of(world.uri, world.database, THEIRS)
    assert marker(THEIRS) in str(theirs)
    async with instances(world.store) as by_class:
        for class_name, name, is_context in found:
            method = f"{class_name}.{name}"
            assert class_name in by_class, f"no way leads from the store to a {class_name}"
            world.watcher.sent.clear()
            for instance in by_class[class_name]:
                with suppress(LeaseLostError):  # another method ended the run; it was asked for
                    await call(world, instance, method, is_context=is_context)
            sent = list(world.watcher.sent)
            if method in NO_COMMANDS:
                assert not sent, method
                continue
            assert sent, f"{method} asked nothing: say in calling_the_store.py how it is called"
            if method in ACROSS_SHOPS:
                assert not all(each.is_confined_to(MINE) for each in sent), (
                    f"{method} is confined after all"
                )
                theirs = await documents_of(world.uri, world.database, THEIRS)
                continue
            loose = [each for each in sent if not each.is_confined_to(MINE)]
            assert not loose, f"{method} sent {loose}"
            assert await documents_of(world.uri, world.database, THEIRS) == theirs, method
    mine = await documents_of(world.uri, world.database, MINE)
    assert [name for name, documents in mine.items() if documents] == ["audit"]  # all purged
