"""The composition root: opens the rooms and puts them together."""

import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from enum import Enum, auto
from importlib.util import find_spec
from random import SystemRandom
from typing import TYPE_CHECKING

from config.settings import Settings
from sync_engine.inbox.inbox import Inbox
from sync_engine.installation.shop_clients import ShopClients
from sync_engine.installation.token_keepers import TokenKeepers
from sync_engine.installation.webhook_address import webhook_address
from sync_engine.jobs.dispatcher import Dispatcher, NullDispatcher
from sync_engine.jobs.local import LocalDispatcher
from sync_engine.jobs.run_worker import RunOptions, RunWorker
from sync_engine.kpis.keeper import RollupKeeper
from sync_engine.model.clock import Clock, SystemClock
from sync_engine.model.errors import FatalError
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import SyncMode, SyncTrigger
from sync_engine.model.telemetry import SILENT, Telemetry
from sync_engine.schedule.do_due_jobs import DueJobs
from sync_engine.schedule.recurring_tasks import RecurringTasks
from sync_engine.schedule.scheduler import open_scheduler
from sync_engine.shopify.app_credentials import AppCredentials
from sync_engine.shopify.connection import Shopify, open_shopify
from sync_engine.sources.operation_follower import BulkPatience
from sync_engine.store.budget_books import BudgetBooks
from sync_engine.store.embedded.server import open_embedded_mongod
from sync_engine.store.retention import Retention
from sync_engine.store.store import Store, open_store

if TYPE_CHECKING:  # its library is an optional extra
    from sync_engine.archive.archive import Archive
from sync_engine.engine import Engine


class Duty(Enum):
    """What a process does with runs."""

    NONE = auto()
    """Starts and shows them; workers elsewhere do the work."""
    WHAT_IS_ASKED = auto()
    """Works on the runs that it starts itself, and on no others."""
    EVERYTHING = auto()
    """Works on its own runs and on all that wait, whoever started them."""


@asynccontextmanager
async def open_engine(
    settings: Settings, *, duty: Duty, telemetry: Telemetry = SILENT
) -> AsyncIterator[Engine]:
    """Open everything the engine needs; what was opened last is closed first.

    Raises:
        SyncError: MongoDB cannot be had; the text says what to do.
        InvalidKeyError: an encryption key is of no use.
    """
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        uri, is_ours = await _mongodb(settings, stack, may_join=duty is not Duty.EVERYTHING)
        keys = [key.get_secret_value() for key in settings.encryption_keys]
        retention = Retention(**settings.retention.model_dump())
        store = await stack.enter_async_context(
            open_store(uri, settings.mongodb.database, keys, telemetry, retention=retention)
        )
        if is_ours:  # whoever held a lease is gone
            await store.leases.release_all()
        await stack.enter_async_context(store.feed.open())
        await stack.enter_async_context(store.intake.open())
        shopify = await stack.enter_async_context(_open_shopify(settings, store, clock, telemetry))
        holder = _holder()
        keepers = TokenKeepers(
            store,
            shopify.oauth,
            holder=holder,
            clock=clock,
            migrates=settings.shopify.migrate_tokens,
        )
        rollups = RollupKeeper(store, holder=holder, clock=clock)
        clients = ShopClients(shopify, keepers)
        dispatcher: Dispatcher = NullDispatcher()
        if duty is not Duty.NONE:
            worker = RunWorker(
                store,
                shopify,
                keepers,
                rollups,
                options=_run_options(settings),
                clock=clock,
                telemetry=telemetry,
            )
            local = LocalDispatcher(
                worker.work_on,
                worker.give_up,
                at_once=settings.sync.concurrent_runs,
                clock=clock,
            )
            await stack.enter_async_context(local.open())
            dispatcher = local
        engine = Engine(
            store,
            shopify,
            clients,
            dispatcher=dispatcher,
            keeper=rollups,
            archive=_archive(settings, store, holder, clock),
            clock=clock,
            holder=holder,
        )
        if duty is Duty.EVERYTHING:
            address = webhook_address(settings.public_url, settings.shopify.base_url)
            schedule = _open_schedule(engine, dispatcher, keepers, address, telemetry)
            await stack.enter_async_context(schedule)
            inbox = Inbox(
                store,
                clients,
                holder=holder,
                clock=clock,
                erasers=engine.erasers,
                telemetry=telemetry,
            )
            await stack.enter_async_context(inbox.open())
        yield engine


def _open_schedule(
    engine: Engine,
    dispatcher: Dispatcher,
    keepers: TokenKeepers,
    address: str | None,
    telemetry: Telemetry,
) -> AbstractAsyncContextManager[None]:
    """Return what looks for due work as long as it is open."""
    store, random = engine.store, SystemRandom()

    async def start_sync(shop: ShopDomain, mode: SyncMode, trigger: SyncTrigger) -> bool:
        _, is_new = await engine.start_sync(shop, mode=mode, trigger=trigger)
        return is_new

    tasks = RecurringTasks(
        store,
        clients=engine.clients,
        keepers=keepers,
        rollups=engine.rollups,
        archive=engine.archive,
        start_sync=start_sync,
        webhook_address=address,
        clock=engine.clock,
        random=random,
    )
    due_jobs = DueJobs(
        store.timetable,
        store.shops,
        tasks.by_job(),
        holder=keepers.holder,
        random=random,
        clock=engine.clock,
        telemetry=telemetry,
    )
    return open_scheduler(store, dispatcher, due_jobs, random)


def _archive(settings: Settings, store: Store, holder: str, clock: Clock) -> "Archive | None":
    """Return the archive, where one is configured."""
    url = settings.archive.url
    if url is None:
        return None
    if find_spec("pyarrow") is None:
        message = (
            "ECHOSIGNAL_ARCHIVE_URL is set, but what writes the archive is not installed: "
            "pip install 'echosignal[archive]', or unset it"
        )
        raise FatalError(message)
    from sync_engine.archive.archive import Archive  # noqa: PLC0415 - only where it is used
    from sync_engine.archive.files import ArchiveFiles  # noqa: PLC0415

    return Archive(store, ArchiveFiles(url), holder=holder, clock=clock)


async def _mongodb(
    settings: Settings, stack: AsyncExitStack, *, may_join: bool
) -> tuple[str, bool]:
    """Return the URI of MongoDB, and whether it was started here and nobody else uses it yet."""
    if settings.mongodb.uri is not None:
        return settings.mongodb.uri.get_secret_value(), False
    directory = settings.data_dir / "mongodb"
    mongod = await stack.enter_async_context(open_embedded_mongod(directory, may_join=may_join))
    return mongod.uri, mongod.is_ours


def _open_shopify(
    settings: Settings, store: Store, clock: Clock, telemetry: Telemetry
) -> AbstractAsyncContextManager[Shopify]:
    def books(shop: ShopDomain, api: str) -> BudgetBooks:
        return store.budget_books(shop, api)

    return open_shopify(
        _app(settings),
        clock,
        requests_per_second=settings.shopify.requests_per_second,
        books=books,
        telemetry=telemetry,
    )


def _app(settings: Settings) -> AppCredentials:
    shopify = settings.shopify
    previous = shopify.api_secret_previous
    return AppCredentials(
        api_key=shopify.api_key or "",
        api_secret=shopify.api_secret.get_secret_value() if shopify.api_secret else "",
        previous_api_secret=None if previous is None else previous.get_secret_value(),
        api_version=shopify.api_version,
        scopes=shopify.scopes,
        base_url=shopify.base_url,
    )


def _run_options(settings: Settings) -> RunOptions:
    sync = settings.sync
    return RunOptions(
        batch_records=sync.batch_records,
        lease_seconds=sync.lease_seconds,
        few_records=sync.few_records,
        overlap_seconds=sync.overlap_seconds,
        patience=BulkPatience(
            max_poll_seconds=sync.bulk_poll_seconds,
            stall_seconds=sync.bulk_stall_seconds,
            slot_seconds=sync.bulk_slot_seconds,
        ),
    )


def _holder() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
