"""Wires what one run needs: a client with its own meter, the shop's token, a source per stage."""

from datetime import datetime, timedelta

import msgspec

from sync_engine.installation.token_keepers import TokenKeepers
from sync_engine.kpis.keeper import RollupKeeper
from sync_engine.model.access_scopes import READ_ALL_ORDERS, covers
from sync_engine.model.clock import Clock
from sync_engine.model.errors import ShopGoneError
from sync_engine.model.run import ApiUsage, Run, Stage
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import SyncMode, SyncState
from sync_engine.model.telemetry import SILENT, Telemetry
from sync_engine.runs.execute_run import RunExecutor
from sync_engine.runs.run_log import RunLog
from sync_engine.runs.transfer import StageJournal
from sync_engine.runs.work_on_run import Execute, work_on_run
from sync_engine.shopify.connection import Shopify
from sync_engine.shopify.meter import Meter
from sync_engine.shopify.throttle.priority import Priority
from sync_engine.sources.operation_follower import BulkPatience
from sync_engine.sources.operation_news import OperationNews
from sync_engine.sources.reconcile import ReconcileSource
from sync_engine.sources.roads import Roads
from sync_engine.sources.source import StageSource
from sync_engine.store.store import ShopWriters, Store

_PRIORITIES = {
    SyncMode.INITIAL: Priority.INITIAL,
    SyncMode.INCREMENTAL: Priority.INCREMENTAL,
    SyncMode.RECONCILE: Priority.INITIAL,
}


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How runs are worked on."""

    batch_records: int
    lease_seconds: float
    few_records: int
    overlap_seconds: float
    patience: BulkPatience


class RunWorker:
    """Works on one run at a time for each call; holds nothing between calls."""

    def __init__(
        self,
        store: Store,
        shopify: Shopify,
        keepers: TokenKeepers,
        rollups: RollupKeeper,
        *,
        options: RunOptions,
        clock: Clock,
        telemetry: Telemetry = SILENT,
    ) -> None:
        """Take the open rooms."""
        self._store = store
        self._shopify = shopify
        self._options = options
        self._keepers = keepers
        self._rollups = rollups
        self._clock = clock
        self._telemetry = telemetry

    async def work_on(self, shop: ShopDomain, run_id: str) -> None:
        """Bring the run to its end, unless another worker has it or it is over.

        Raises:
            SyncError: it could not be brought to an end and can be taken up again.
        """
        await self._take_up(shop, run_id, self._execute)

    async def give_up(self, shop: ShopDomain, run_id: str) -> None:
        """End a run that a bug of ours has stopped: trying again would only repeat it.

        Raises:
            SyncError: it could not be ended; it will be taken up again.
        """

        async def fail(run: Run, writers: ShopWriters) -> Run:
            message = "echosignal failed; the log has the details under this run's id."
            failed = await writers.runs.finish(
                run, SyncState.FAILED, message=message, usage=ApiUsage(), now=self._clock.now()
            )
            self._telemetry.run_ended(failed)
            return failed

        await self._take_up(shop, run_id, fail)

    async def _take_up(self, shop: ShopDomain, run_id: str, execute: Execute) -> None:
        await work_on_run(
            self._store,
            shop,
            run_id,
            holder=self._keepers.holder,
            lease_seconds=self._options.lease_seconds,
            clock=self._clock,
            execute=execute,
        )

    async def _execute(self, run: Run, writers: ShopWriters) -> Run:
        stored = await self._store.shops.get(run.shop)
        if stored is None:
            raise ShopGoneError(f"{run.shop} is not connected")
        meter = Meter()
        tokens = self._keepers.of(run.shop)
        priority = _PRIORITIES[run.mode]
        client = self._shopify.client(run.shop, tokens, meter, priority=priority)
        roads = Roads(
            client=client,
            rest=self._shopify.rest(run.shop, tokens, meter, priority=priority),
            clock=self._clock,
            currency_code=stored.profile.currency_code,
            batch_records=self._options.batch_records,
            patience=self._options.patience,
            news=OperationNews(run.id, runs=writers.runs, feed=self._store.run_feed),
            asked=run.requested_strategy,
            preferred=stored.settings.preferred_strategy,
            few_records=self._options.few_records,
        )

        def make_source(stage: Stage, journal: StageJournal) -> StageSource:
            if run.mode is SyncMode.RECONCILE:
                shop = self._store.shop(run.shop)
                return ReconcileSource(
                    stage.resource,
                    client=client,
                    known=shop.reader(stage.resource),
                    references=shop.lost_references,
                    journal=journal,
                    clock=self._clock,
                    checkpoint=stage.checkpoint,
                    currency_code=stored.profile.currency_code,
                    has_all_orders=covers(stored.granted_scopes, READ_ALL_ORDERS),
                )
            since = None
            if run.mode is SyncMode.INCREMENTAL:
                since = self._beginning(stored.synced_through.get(stage.resource))
            return roads.source(stage, journal, since)

        run_log = RunLog(
            run,
            self._store.shop(run.shop),
            writers,
            meter,
            self._clock,
            telemetry=self._telemetry,
        )
        executor = RunExecutor(
            run_log,
            make_source,
            shops=self._store.shops,
            feed=self._store.run_feed,
            rollups=self._rollups,
            clock=self._clock,
        )
        try:
            with self._telemetry.span("run", shop=run.shop, run_id=run.id, mode=run.mode):
                return await executor.execute()
        finally:
            await self._note_budget(run.shop)

    def _beginning(self, synced_through: datetime | None) -> datetime | None:
        """Return from when on changes may be missing; None where everything is."""
        if synced_through is None:
            return None
        return synced_through - timedelta(seconds=self._options.overlap_seconds)

    async def _note_budget(self, shop: ShopDomain) -> None:
        budget = self._shopify.budget(shop)
        if budget.graphql is not None or budget.rest is not None:
            await self._store.shops.save_budget(shop, budget)
