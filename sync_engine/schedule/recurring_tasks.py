"""What each recurring job does: it asks the rooms that know how, and decides nothing itself."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import structlog

from sync_engine.installation.shop_clients import ShopClients
from sync_engine.installation.token_keepers import TokenKeepers
from sync_engine.kpis.keeper import RollupKeeper
from sync_engine.model.clock import Clock
from sync_engine.model.errors import ArchiveWaitsError, ShopBlockedError, TokenRevokedError
from sync_engine.model.recurring import RecurringJob
from sync_engine.model.shop import Shop
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import ShopStatus, SyncMode, SyncTrigger
from sync_engine.schedule.do_due_jobs import Task
from sync_engine.schedule.plan_shops import plan_shop
from sync_engine.shopify.shop_profile import read_shop_profile
from sync_engine.shopify.subscriptions import ensure_subscriptions
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.store.store import Store

if TYPE_CHECKING:  # its library is an optional extra
    from sync_engine.archive.archive import Archive

_AFTER_THE_RUN_UNDER_WAY = timedelta(minutes=1)
_AFTER_SOMEBODY_ELSE = timedelta(minutes=1)
_MENDING_SECONDS = 5.0
_ARCHIVING_SECONDS = 45.0

log = structlog.get_logger(__name__)

StartSync = Callable[[ShopDomain, SyncMode, SyncTrigger], Awaitable[bool]]
"""Starts a run and says whether it is new: False where the shop has one under way."""


class RecurringTasks:
    """The tasks of all shops' jobs."""

    def __init__(
        self,
        store: Store,
        *,
        clients: ShopClients,
        keepers: TokenKeepers,
        rollups: RollupKeeper,
        archive: "Archive | None",
        start_sync: StartSync,
        webhook_address: str | None,
        clock: Clock,
        random: Random,
    ) -> None:
        """Take the open rooms; without an address Shopify cannot send webhooks here.

        Without an archive every order stays in MongoDB.
        """
        self._store = store
        self._clients = clients
        self._keepers = keepers
        self._rollups = rollups
        self._archive = archive
        self._start_sync = start_sync
        self._webhook_address = webhook_address
        self._clock = clock
        self._random = random

    def by_job(self) -> Mapping[RecurringJob, Task]:
        """Return the task of every job."""
        return {
            RecurringJob.INCREMENTAL: self._sync(SyncMode.INCREMENTAL),
            RecurringJob.RECONCILE: self._sync(SyncMode.RECONCILE),
            RecurringJob.CHECK_SUBSCRIPTIONS: self._check_subscriptions,
            RecurringJob.REFRESH_TOKEN: self._refresh_token,
            RecurringJob.MEND_ROLLUPS: self._mend_rollups,
            RecurringJob.ARCHIVE: self._move_old_orders,
            RecurringJob.PROBE: self._probe,
        }

    def _sync(self, mode: SyncMode) -> Task:
        async def start(shop: Shop) -> timedelta | None:
            is_new = await self._start_sync(shop.domain, mode, SyncTrigger.SCHEDULE)
            return None if is_new else _AFTER_THE_RUN_UNDER_WAY

        return start

    async def _check_subscriptions(self, shop: Shop) -> timedelta | None:
        """See that Shopify sends us what changes, where it can reach us at all."""
        if self._webhook_address is not None:
            await ensure_subscriptions(
                self._clients.of(shop.domain, Priority.INCREMENTAL), self._webhook_address
            )
        return None

    async def _refresh_token(self, shop: Shop) -> timedelta | None:
        """Renew a token that is about to expire, so that neither it nor its refresh token lapses.

        A shop whose token cannot be renewed waits for its merchant.
        """
        try:
            await self._keepers.of(shop.domain).maintain()
        except TokenRevokedError as error:
            await self._set_status(shop, ShopStatus.REAUTHORIZATION_REQUIRED, str(error))
        return None

    async def _mend_rollups(self, shop: Shop) -> timedelta | None:
        """Finish what is unfinished in the shop's rollups, some of it at a time.

        A run under way does so itself at its end, when its orders are all there.
        """
        if await self._store.shop(shop.domain).runs.active() is not None:
            return _AFTER_THE_RUN_UNDER_WAY
        is_whole = await self._rollups.settle(shop.domain, within_seconds=_MENDING_SECONDS)
        return None if is_whole else timedelta(0)

    async def _move_old_orders(self, shop: Shop) -> timedelta | None:
        """Move what is due to the archive, some of it at a time."""
        if self._archive is None:
            log.warning("archive.not_configured", shop=shop.domain)
            return None
        try:
            moved = await self._archive.run(shop, within_seconds=_ARCHIVING_SECONDS)
        except ArchiveWaitsError:
            return _AFTER_THE_RUN_UNDER_WAY
        if moved.is_done:
            return None
        return timedelta(0) if moved.orders else _AFTER_SOMEBODY_ELSE

    async def _probe(self, shop: Shop) -> timedelta | None:
        """Ask a shop that Shopify has shut whether it is back, and go on where it is."""
        try:
            profile, scopes = await read_shop_profile(
                self._clients.of(shop.domain, Priority.INCREMENTAL)
            )
        except ShopBlockedError as error:
            if error.status is not None:
                await self._set_status(shop, error.status, str(error))
            return None
        await self._store.shops.save_profile(shop.domain, profile, scopes)
        await self._set_status(shop, ShopStatus.ACTIVE, None)
        await self._store.timetable.hasten(shop.domain, RecurringJob.INCREMENTAL)
        log.info("shop.is_back", shop=shop.domain)
        return None

    async def _set_status(self, shop: Shop, status: ShopStatus, reason: str | None) -> None:
        await self._store.shops.set_status(
            shop.domain, status, reason=reason, now=self._clock.now()
        )
        changed = await self._store.shops.get(shop.domain)
        if changed is not None:
            await plan_shop(self._store.timetable, changed, self._random)
