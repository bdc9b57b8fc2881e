"""The store as a whole: what can be asked of all shops, and the way to the data of one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync_engine.model.filters import (
    CustomerFilter,
    CustomerSort,
    OrderFilter,
    OrderSort,
    ProductFilter,
    ProductSort,
)
from sync_engine.model.kpi.comparison import Difference
from sync_engine.model.records import Customer, Order, Product
from sync_engine.model.run import Run
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource
from sync_engine.model.telemetry import SILENT, Telemetry
from sync_engine.store.api_tokens import ApiTokenRepository
from sync_engine.store.archive.catalogue import ArchiveCatalogue
from sync_engine.store.archive.mover import OrderMover
from sync_engine.store.archive.orders import ArchivableOrders
from sync_engine.store.audit import AuditTrail, ShopAudit
from sync_engine.store.backlogs import Backlogs
from sync_engine.store.budget_books import BudgetBooks
from sync_engine.store.change_feed import ChangeFeed
from sync_engine.store.data_exports import DataExports
from sync_engine.store.engagement import EngagementRepository
from sync_engine.store.event_intake import EventIntake
from sync_engine.store.failures import store_failures
from sync_engine.store.install_states import InstallStates
from sync_engine.store.layout import LAYOUT, apply_layout
from sync_engine.store.leases import Lease, LeaseRepository
from sync_engine.store.mongo import Mongo, Transactions, open_mongo
from sync_engine.store.pending_children import PendingChildren
from sync_engine.store.records.customers import CUSTOMERS
from sync_engine.store.records.erased_customers import ErasedCustomers
from sync_engine.store.records.kind import RecordKind
from sync_engine.store.records.lost_references import LostReferences
from sync_engine.store.records.orders import ORDERS
from sync_engine.store.records.products import PRODUCTS
from sync_engine.store.records.reader import RecordReader
from sync_engine.store.records.references import OrderReferences
from sync_engine.store.records.settlement import ExportSettlement
from sync_engine.store.records.shop_changes import ShopChanges
from sync_engine.store.records.writer import BatchWriter
from sync_engine.store.retention import DEFAULT_RETENTION, Retention
from sync_engine.store.rollups.builder import RollupBuilder
from sync_engine.store.rollups.cells import RollupCells
from sync_engine.store.rollups.comparison import RollupComparison
from sync_engine.store.rollups.feed import RollupFeed
from sync_engine.store.rollups.importing import RollupImport
from sync_engine.store.rollups.reader import RollupReader
from sync_engine.store.rollups.state import RollupStates
from sync_engine.store.rollups.titles import ProductTitles
from sync_engine.store.rollups.writer import RollupWriter
from sync_engine.store.run_feed import RunFeed
from sync_engine.store.run_queue import RunQueue
from sync_engine.store.runs import RunRepository
from sync_engine.store.scoped import ScopedCollection
from sync_engine.store.shop_feed import ShopFeed
from sync_engine.store.shops import ShopRepository
from sync_engine.store.sync_errors import SyncErrorRepository
from sync_engine.store.timetable import Timetable
from sync_engine.store.vault import Vault
from sync_engine.store.webhook_events import WebhookEventRepository

_KINDS: dict[Resource, RecordKind[Any, Any, Any]] = {
    kind.resource: kind for kind in (CUSTOMERS, PRODUCTS, ORDERS)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopStore:
    """Everything stored of one shop, and nothing of any other."""

    shop: ShopDomain
    customers: RecordReader[Customer, CustomerFilter, CustomerSort]
    products: RecordReader[Product, ProductFilter, ProductSort]
    orders: RecordReader[Order, OrderFilter, OrderSort]
    runs: RunRepository
    errors: SyncErrorRepository
    events: WebhookEventRepository
    lost_references: LostReferences
    erased_customers: ErasedCustomers
    audit: ShopAudit
    rollups: RollupReader
    titles: ProductTitles

    def reader(self, resource: Resource) -> RecordReader[Any, Any, Any]:
        """Return the reader of a resource that is only known at run time."""
        readers: dict[Resource, RecordReader[Any, Any, Any]] = {
            Resource.CUSTOMERS: self.customers,
            Resource.PRODUCTS: self.products,
            Resource.ORDERS: self.orders,
        }
        return readers[resource]


class ShopWriters:
    """What writes records of one shop, on behalf of one run."""

    def __init__(
        self,
        mongo: Mongo,
        transactions: Transactions,
        *,
        runs: RunRepository,
        batches: dict[Resource, BatchWriter[Any, Any, Any]],
        settlement: ExportSettlement,
        rollups: RollupImport,
    ) -> None:
        """Take what shares these transactions."""
        self._mongo = mongo
        self._transactions = transactions
        self.runs = runs
        self.batches = batches
        self.settlement = settlement
        self.rollups = rollups

    async def take_up(self, run_id: str, *, fence: int, now: datetime) -> Run | None:
        """Begin or go on with a run under a newer lease; None where the run is over.

        What a dead worker left open in MongoDB is ended first.
        """
        before = await self.runs.writer_of(run_id)
        if before is not None:
            await self._mongo.end_transaction_of(before)
        key = self._transactions.key
        return await self.runs.take_up(run_id, fence=fence, now=now, writer=key)


class Store:
    """An open store."""

    def __init__(self, mongo: Mongo, vault: Vault) -> None:
        """Take the open database; whoever opened it closes it."""
        self._mongo = mongo
        self.shops = ShopRepository(mongo, vault)
        self.leases = LeaseRepository(mongo)
        self.run_queue = RunQueue(mongo)
        self.api_tokens = ApiTokenRepository(mongo, lambda: self.feed.is_heard)
        self.run_feed = RunFeed(mongo)
        self.rollup_feed = RollupFeed()
        self.shop_feed = ShopFeed(self.rollup_feed.shown_otherwise)
        self.feed = ChangeFeed(
            mongo,
            {
                "sync_runs": self.run_feed,
                "kpi_states": self.rollup_feed,
                "shops": self.shop_feed,
                "api_tokens": self.api_tokens.known,
            },
        )
        self.timetable = Timetable(mongo)
        self.intake = EventIntake(mongo)
        self.audit = AuditTrail(mongo)
        self.data_exports = DataExports(mongo)
        self.backlogs = Backlogs(mongo)
        self.engagement = EngagementRepository(mongo)
        self.install_states = InstallStates(mongo)

    async def ping(self) -> None:
        """Ask MongoDB for a sign of life.

        Raises:
            StoreUnavailableError: none came.
        """
        await self._mongo.ping()

    async def purge(self, shop: ShopDomain) -> None:
        """Delete everything that is stored of a shop, but for the audit. Idempotent.

        Runs go first, so that no batch is written any more, and then the shop itself, so that who
        writes without a lease sees afterwards that it should not have. The events go last, so that
        what asked for it stands until it is done.
        """
        first, last, kept = ("sync_runs", "shops"), "webhook_events", "audit"
        names = [*first, *sorted(LAYOUT.keys() - {*first, last, kept}), last]
        with store_failures():
            for name in names:
                await ScopedCollection(self._mongo.collection(name), shop).delete_many({})

    def shop(self, shop: ShopDomain) -> ShopStore:
        """Return the data of one shop; cheap, holds no connection of its own."""
        return ShopStore(
            shop=shop,
            customers=RecordReader(self._scoped(CUSTOMERS.collection, shop), CUSTOMERS),
            products=RecordReader(self._scoped(PRODUCTS.collection, shop), PRODUCTS),
            orders=RecordReader(self._scoped(ORDERS.collection, shop), ORDERS),
            runs=RunRepository(self._scoped("sync_runs", shop)),
            errors=SyncErrorRepository(self._scoped("sync_errors", shop)),
            events=WebhookEventRepository(self._scoped("webhook_events", shop)),
            lost_references=LostReferences(
                customers=self._scoped(CUSTOMERS.collection, shop),
                products=self._scoped(PRODUCTS.collection, shop),
                orders=self._scoped(ORDERS.collection, shop),
            ),
            erased_customers=ErasedCustomers(self._scoped(CUSTOMERS.collection, shop)),
            audit=ShopAudit(self._scoped("audit", shop)),
            rollups=RollupReader(self._rollup_states(shop), self._scoped("kpi_rollups", shop)),
            titles=ProductTitles(
                self._scoped(PRODUCTS.collection, shop), self._scoped(ORDERS.collection, shop)
            ),
        )

    def budget_books(self, shop: ShopDomain, api: str) -> BudgetBooks:
        """Return the books of a shop's allowance at one of Shopify's APIs."""
        return BudgetBooks(self._mongo, shop, api)

    @asynccontextmanager
    async def changes(
        self, shop: ShopDomain, lease: Lease | None = None
    ) -> AsyncIterator[ShopChanges]:
        """Open what writes changes of a shop outside of runs; not for several at once.

        Under a lease, what a dead holder left open in MongoDB is ended first.

        Raises:
            LeaseLostError: somebody else has the lease.
        """
        async with self._mongo.transactions() as transactions:
            if lease is not None:
                await self._write_under(lease, transactions)
            yield ShopChanges(
                shop,
                transactions,
                records=self._records(shop),
                errors=SyncErrorRepository(self._scoped("sync_errors", shop)),
                events=WebhookEventRepository(self._scoped("webhook_events", shop)),
                rollups=self._rollup_writer(shop),
            )

    @asynccontextmanager
    async def writers(self, shop: ShopDomain) -> AsyncIterator[ShopWriters]:
        """Open what writes records of a shop, for one run; not for several at once."""
        runs = RunRepository(self._scoped("sync_runs", shop))
        errors = SyncErrorRepository(self._scoped("sync_errors", shop))
        pending = PendingChildren(self._scoped("pending_children", shop))
        async with self._mongo.transactions() as transactions:
            rollups = RollupImport(
                transactions,
                self._rollup_states(shop),
                RollupCells(self._scoped("kpi_rollups", shop)),
                self._scoped(ORDERS.collection, shop),
            )
            yield ShopWriters(
                self._mongo,
                transactions,
                runs=runs,
                batches={
                    resource: BatchWriter(
                        transactions,
                        kind,
                        records=self._scoped(kind.collection, shop),
                        references=OrderReferences(
                            self._scoped(ORDERS.collection, shop),
                            self._scoped(CUSTOMERS.collection, shop),
                            self._scoped(PRODUCTS.collection, shop),
                        ),
                        runs=runs,
                        errors=errors,
                        pending=pending,
                        rollups=self._rollup_writer(shop, rollups),
                    )
                    for resource, kind in _KINDS.items()
                },
                settlement=ExportSettlement(
                    transactions,
                    records=self._records(shop),
                    runs=runs,
                    errors=errors,
                    pending=pending,
                ),
                rollups=rollups,
            )

    @asynccontextmanager
    async def rollup_builder(
        self, shop: ShopDomain, lease: Lease | None = None
    ) -> AsyncIterator[RollupBuilder]:
        """Open what builds a shop's rollups; the caller holds a lease for it.

        What a dead holder of the lease left open in MongoDB is ended first.

        Raises:
            LeaseLostError: somebody else has the lease.
        """
        async with self._mongo.transactions() as transactions:
            if lease is not None:
                await self._write_under(lease, transactions)
            yield RollupBuilder(
                transactions,
                self._rollup_states(shop),
                RollupCells(self._scoped("kpi_rollups", shop)),
                self._scoped(ORDERS.collection, shop),
            )

    async def _write_under(self, lease: Lease, transactions: Transactions) -> None:
        """End what a dead holder of a lease left open, and note how the next one can end ours."""
        if lease.writer is not None:
            await self._mongo.end_transaction_of(lease.writer)
        await self.leases.note_writer(lease, transactions.key)

    def archive_catalogue(self, shop: ShopDomain) -> ArchiveCatalogue:
        """Return the list of the parts of a shop's archive."""
        return ArchiveCatalogue(self._scoped("archives", shop))

    def archivable(self, shop: ShopDomain) -> ArchivableOrders:
        """Return what tells which orders of a shop may move to the archive and which have."""
        return ArchivableOrders(self._scoped(ORDERS.collection, shop))

    @asynccontextmanager
    async def order_mover(self, lease: Lease) -> AsyncIterator[OrderMover]:
        """Open what moves orders of a shop to the archive and back, under a lease of the shop's.

        What a dead holder left open in MongoDB is ended first.

        Raises:
            LeaseLostError: somebody else has the lease.
        """
        shop = lease.shop
        async with self._mongo.transactions() as transactions:
            await self._write_under(lease, transactions)
            yield OrderMover(
                transactions,
                orders=self._scoped(ORDERS.collection, shop),
                runs=self._scoped("sync_runs", shop),
                catalogue=self.archive_catalogue(shop),
                rollups=self._rollup_writer(shop),
                leases=self.leases,
                lease=lease,
            )

    async def compare_rollups(self, shop: ShopDomain) -> list[Difference]:
        """Return where the rollups of a shop are not what its orders come to; writes nothing."""
        async with self._mongo.one_moment() as session:
            return await RollupComparison(
                session,
                self._rollup_states(shop),
                self._scoped("kpi_rollups", shop),
                self._scoped(ORDERS.collection, shop),
            ).differences()

    def _rollup_writer(
        self, shop: ShopDomain, importing: RollupImport | None = None
    ) -> RollupWriter:
        return RollupWriter(
            self._rollup_states(shop),
            RollupCells(self._scoped("kpi_rollups", shop)),
            self._scoped(ORDERS.collection, shop),
            importing,
        )

    def _rollup_states(self, shop: ShopDomain) -> RollupStates:
        return RollupStates(
            self._scoped("kpi_states", shop),
            self._scoped("shops", shop),
            self._scoped(ORDERS.collection, shop),
        )

    def _records(
        self, shop: ShopDomain
    ) -> dict[Resource, tuple[RecordKind[Any, Any, Any], ScopedCollection]]:
        return {
            resource: (kind, self._scoped(kind.collection, shop))
            for resource, kind in _KINDS.items()
        }

    def _scoped(self, name: str, shop: ShopDomain) -> ScopedCollection:
        return ScopedCollection(self._mongo.collection(name), shop)


@asynccontextmanager
async def open_store(
    uri: str,
    database: str,
    keys: Sequence[str],
    telemetry: Telemetry = SILENT,
    *,
    retention: Retention = DEFAULT_RETENTION,
) -> AsyncIterator[Store]:
    """Connect to MongoDB and bring its collections into shape.

    Raises:
        InvalidKeyError: an encryption key is of no use.
        StoreUnavailableError: no server answers.
        FatalError: the server cannot do what the engine needs.
    """
    vault = Vault(keys)
    async with open_mongo(uri, database, telemetry) as mongo:
        await apply_layout(mongo, retention)
        yield Store(mongo, vault)
