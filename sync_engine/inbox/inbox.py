"""Keeps applying webhooks: woken by those that come here, looking for those that came elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog

from sync_engine.inbox.apply_events import EventApplier
from sync_engine.installation.shop_clients import ShopClients
from sync_engine.model.clock import Clock
from sync_engine.model.errors import SyncError
from sync_engine.model.log_scope import begin_log_scope
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.telemetry import SILENT, Telemetry
from sync_engine.model.together import while_watching
from sync_engine.privacy.eraser import Eraser
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.store.store import Store

_LEASE_NAME = "inbox"
_LEASE_SECONDS = 15.0
_REST_AFTER_A_CRASH_SECONDS = 120.0
_LOOK_SECONDS = 0.5
_SHOPS_AT_ONCE = 8

log = structlog.get_logger(__name__)


class Inbox:
    """The part of this process in the webhooks of all shops; a lease gives each shop to one."""

    def __init__(
        self,
        store: Store,
        clients: ShopClients,
        *,
        holder: str,
        clock: Clock,
        erasers: Sequence[Eraser] = (),
        telemetry: Telemetry = SILENT,
    ) -> None:
        """Take the open store; ``holder`` names this process."""
        self._store = store
        self._clients = clients
        self._holder = holder
        self._clock = clock
        self._applier = EventApplier(store, clock, erasers=erasers, telemetry=telemetry)
        self._slots = asyncio.Semaphore(_SHOPS_AT_ONCE)
        self._at_work: dict[ShopDomain, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Apply events for the duration of the block; at its end, stop where the work stands."""
        looking = asyncio.create_task(self._look_on(), name="inbox")
        try:
            yield
        finally:
            tasks = [looking, *self._at_work.values()]
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _look_on(self) -> None:
        came = self._store.intake.came
        while True:
            came.clear()
            try:
                for shop in await self._store.intake.shops_waiting():
                    self._begin(shop)
            except SyncError as error:
                log.warning("inbox.look_failed", reason=str(error))
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await came.wait()
            except TimeoutError:
                pass

    def _begin(self, shop: ShopDomain) -> None:
        if shop not in self._at_work:
            task = asyncio.create_task(self._work_for(shop), name=f"inbox {shop}")
            self._at_work[shop] = task
            task.add_done_callback(lambda _: self._at_work.pop(shop, None))

    async def _work_for(self, shop: ShopDomain) -> None:
        begin_log_scope(shop=shop)
        try:
            async with self._slots:
                await self._apply_under_lease(shop)
        except SyncError as error:
            log.warning("inbox.interrupted", reason=str(error))
        except Exception:
            log.exception("inbox.crashed")
            # Trying again at once would only repeat it.
            await self._clock.sleep(_REST_AFTER_A_CRASH_SECONDS)

    async def _apply_under_lease(self, shop: ShopDomain) -> None:
        lease = await self._store.leases.acquire(
            shop, _LEASE_NAME, holder=self._holder, seconds=_LEASE_SECONDS
        )
        if lease is None:
            return
        keep = self._store.leases.keep(lease, seconds=_LEASE_SECONDS, clock=self._clock)
        try:
            await while_watching(self._apply(shop), keep)
        finally:
            await self._store.leases.release(lease)

    async def _apply(self, shop: ShopDomain) -> None:
        client = self._clients.of(shop, Priority.WEBHOOK)
        while (stored := await self._store.shops.get(shop)) is not None:
            if not await self._applier.apply_due(stored, client):
                return
        await self._applier.refuse_due(shop)
