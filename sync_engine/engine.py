"""The composition root: puts the rooms together and offers what the gateway may ask for."""

from collections.abc import Collection, Mapping
from random import SystemRandom
from typing import TYPE_CHECKING, Any

from sync_engine.installation.arrivals import Arrivals
from sync_engine.installation.connect_shop import connect_shop
from sync_engine.installation.shop_clients import ShopClients
from sync_engine.jobs.dispatcher import Dispatcher
from sync_engine.kpis.cache import ShopCache
from sync_engine.kpis.keeper import RollupKeeper
from sync_engine.kpis.reports import KpiReports
from sync_engine.model.audit import AuditEntry
from sync_engine.model.clock import Clock
from sync_engine.model.ids import new_id
from sync_engine.model.recurring import RecurringJob
from sync_engine.model.run import Run
from sync_engine.model.shop import AccessGrant, Shop, ShopSettings
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource, ShopStatus, SyncMode, SyncStrategy, SyncTrigger
from sync_engine.model.telemetry import CacheCounts
from sync_engine.model.webhook_event import WebhookEvent
from sync_engine.privacy.eraser import Eraser
from sync_engine.runs.retry_errors import RetryOutcome, retry_errors
from sync_engine.runs.start_run import start_run
from sync_engine.schedule.plan_shops import plan_shop
from sync_engine.shopify.connection import Shopify
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.store.store import Store

if TYPE_CHECKING:  # its library is an optional extra
    from sync_engine.archive.archive import Archive


class Engine:
    """An open engine."""

    def __init__(
        self,
        store: Store,
        shopify: Shopify,
        clients: ShopClients,
        *,
        dispatcher: Dispatcher,
        keeper: RollupKeeper,
        archive: "Archive | None",
        clock: Clock,
        holder: str,
    ) -> None:
        """Take the open rooms; ``open_engine`` makes them. ``holder`` names this process.

        Without an archive every order stays in MongoDB.
        """
        self.archive = archive
        self.rollups = keeper
        self.cache = ShopCache(clock)
        self.kpis = KpiReports(store, self.cache, clock)
        store.rollup_feed.on_change(self.cache.drop)
        store.shop_feed.on_change(self.cache.drop)
        self.erasers: tuple[Eraser, ...] = () if archive is None else (archive,)
        """What holds shops' data besides the store."""
        self.store = store
        self.shopify = shopify
        self.clients = clients
        self.clock = clock
        self._dispatcher = dispatcher
        self.arrivals = Arrivals(
            store,
            shopify.oauth,
            connect=self.connect,
            start_sync=self._start_first_sync,
            holder=holder,
            clock=clock,
        )
        self.caches: dict[str, CacheCounts] = {"shops": self.cache}
        """The caches whose use is measured, by name."""

    async def start_sync(
        self,
        shop: ShopDomain,
        *,
        mode: SyncMode,
        trigger: SyncTrigger,
        resources: Collection[Resource] = tuple(Resource),
        strategy: SyncStrategy | None = None,
    ) -> tuple[Run, bool]:
        """Start a run, or return the one under way for the shop, and whether it is new."""
        run, is_new = await start_run(
            self.store.shop(shop),
            mode=mode,
            trigger=trigger,
            resources=resources,
            strategy=strategy,
            clock=self.clock,
        )
        self.work_on(shop, run.id)
        return run, is_new

    def work_on(self, shop: ShopDomain, run_id: str) -> None:
        """See that somebody works on a run, where this process is one to do so. Idempotent."""
        self._dispatcher.dispatch(shop, run_id)

    async def cancel_sync(self, shop: ShopDomain, run_id: str) -> Run | None:
        """Ask a run to stop; returns it, None where the shop has none of that id. Idempotent."""
        return await self.store.shop(shop).runs.request_cancel(run_id, now=self.clock.now())

    async def connect(self, domain: ShopDomain, grant: AccessGrant) -> Shop:
        """Connect a shop by a token, after asking Shopify who the token belongs to.

        Of one that was away nobody has told what was deleted meanwhile: it is compared soon.

        Raises:
            SyncError: as ``connect_shop``.
        """
        before = await self.store.shops.get(domain)
        shop = await connect_shop(
            domain, grant, shopify=self.shopify, shops=self.store.shops, clock=self.clock
        )
        await self._plan(shop)
        if before is not None and before.status is not ShopStatus.ACTIVE:
            await self.store.timetable.hasten(domain, RecurringJob.RECONCILE)
        return shop

    async def retry_errors(
        self, shop: Shop, *, ids: Collection[str] | None, run_id: str | None
    ) -> RetryOutcome:
        """Apply quarantined records again; see ``runs.retry_errors``.

        Raises:
            SyncError: Shopify or MongoDB cannot be asked.
        """
        return await retry_errors(
            self.store,
            shop,
            self.clients.of(shop.domain, Priority.PERSON),
            ids=ids,
            run_id=run_id,
            clock=self.clock,
        )

    async def receive_webhook(self, event: WebhookEvent) -> None:
        """Store a webhook; it is applied soon, wherever somebody works on the inbox.

        Raises:
            StoreUnavailableError: it is not stored.
        """
        await self.store.intake.add(event)

    async def record(
        self,
        what: str,
        shop: ShopDomain,
        *,
        who: str,
        correlation_id: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Note in the audit who has changed what; ids and settings only.

        Raises:
            StoreUnavailableError: it is not noted.
        """
        now = self.clock.now()
        entry = AuditEntry(
            id=new_id(now),
            shop=shop,
            what=what,
            who=who,
            at=now,
            correlation_id=correlation_id,
            details=dict(details or {}),
        )
        await self.store.audit.add(entry)

    async def purge(self, domain: ShopDomain) -> None:
        """Delete everything that is stored of a shop, but for the audit. Idempotent.

        Raises:
            RetryableError: it could not be done to the end now.
        """
        for eraser in self.erasers:
            await eraser.erase_shop(domain)
        await self.store.purge(domain)

    async def change_settings(self, domain: ShopDomain, settings: ShopSettings) -> Shop | None:
        """Change how a shop is synced; None where it was never connected."""
        shop = await self.store.shops.save_settings(domain, settings)
        if shop is not None:
            await self._plan(shop)
        return shop

    async def disconnect(self, domain: ShopDomain) -> bool:
        """Stop all work for a shop and let nobody in for it; False where it was never connected.

        Its tokens at Shopify are forgotten, its API tokens revoked, its browser sessions ended. Its
        data stays. Idempotent.
        """
        if await self.store.shops.get(domain) is None:
            return False
        now = self.clock.now()
        active = await self.store.shop(domain).runs.active()
        if active is not None:
            await self.cancel_sync(domain, active.id)
        await self.store.shops.set_status(
            domain, ShopStatus.UNINSTALLED, reason="Disconnected on request.", now=now
        )
        self.cache.drop(domain)
        await self.store.api_tokens.revoke_all(domain, now=now)
        await self.store.timetable.plan(domain, {}, first_after={})
        return True

    async def _plan(self, shop: Shop) -> None:
        self.cache.drop(shop.domain)
        await plan_shop(self.store.timetable, shop, SystemRandom())
        await self.store.timetable.hasten(shop.domain, RecurringJob.MEND_ROLLUPS)
        await self.store.timetable.hasten(shop.domain, RecurringJob.CHECK_SUBSCRIPTIONS)

    async def _start_first_sync(self, shop: ShopDomain, mode: SyncMode) -> None:
        await self.start_sync(shop, mode=mode, trigger=SyncTrigger.INSTALL)
