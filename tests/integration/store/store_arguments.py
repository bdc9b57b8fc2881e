"""What the methods of the store are given, by the names of their parameters."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sync_engine.model.archive import ArchivePart
from sync_engine.model.audit import AuditEntry
from sync_engine.model.batch import LooseChild, Reject
from sync_engine.model.clock import SystemClock
from sync_engine.model.kpi.periods import DayRange, Granularity
from sync_engine.model.kpi.rollups import RollupKind, Rollups
from sync_engine.model.recurring import DueJob, RecurringJob
from sync_engine.model.run import Advance, ApiUsage, Run
from sync_engine.model.shop import AccessGrant, ApiBudget, ShopSettings
from sync_engine.model.shop_change import Merger, ShopChange
from sync_engine.model.sync_enums import Resource, ShopStatus, SyncErrorCode, SyncState
from sync_engine.model.webhook_event import EventOutcome, WebhookEventStatus
from sync_engine.store.data_exports import DataExport
from sync_engine.store.leases import Lease
from sync_engine.store.mongo import Mongo
from sync_engine.store.store import Store
from tests.examples import MONDAY, batch, line_item, order
from tests.integration.store.watched_commands import Watcher
from tests.two_shops import MINE


@dataclass(kw_only=True)
class World:
    """A database that holds two shops that are alike, seen by one of them."""

    store: Store
    mongo: Mongo
    watcher: Watcher
    uri: str
    database: str
    run: Run
    theirs: dict[str, list[Any]] = field(default_factory=dict)

    def ledger(self, session: Any) -> Any:
        """Return what notes the changes of orders in a transaction."""
        return self.store._rollup_writer(MINE).ledger(session)  # noqa: SLF001

    async def in_transaction(self, work: Callable[[Any], Any]) -> None:
        async with self.mongo.transactions() as transactions:
            await transactions.atomically(work)


def arguments(world: World) -> dict[str, Any]:
    """Return what a parameter of this name is given, whatever the method."""
    shop = world.run.shop
    job = DueJob(shop=shop, job=RecurringJob.INCREMENTAL, due_at=MONDAY, fence=0, failures=0)
    lease = Lease(shop=shop, name="sync", holder="nobody", fence=0, until=MONDAY)
    step = Advance(now=MONDAY)
    export = DataExport(
        id="2",
        shop=shop,
        customer_id=1,
        request=1,
        asked_at=MONDAY,
        made_at=MONDAY,
        is_empty=True,
    )
    delta = Rollups()
    delta.add(RollupKind.COUNTRIES, "2026-11-02", "DE", [1, Decimal("1.00")])
    return {
        "shop": shop,
        "domain": shop,
        "domains": [shop],
        "only": shop,
        "run": world.run,
        "run_id": world.run.id,
        "fence": 7,
        "state": SyncState.FAILED,
        "resource": Resource.ORDERS,
        "step": step,
        "usage": ApiUsage(),
        "message": None,
        "now": MONDAY,
        "at": MONDAY,
        "observed_at": MONDAY,
        "until": 10,
        "first": 2,
        "limit": 10,
        "after": 0,
        "seconds": 1.0,
        "clock": SystemClock(),
        "number": 1,
        "to": 2,
        "numbers": [1, 2],
        "products": [1],
        "variants": [1],
        "operation_id": "gid://shopify/BulkOperation/1",
        "export_id": "gid://shopify/BulkOperation/1",
        "parent_ids": [1, 99],
        "records": {},
        "children": [LooseChild(parent_id=99, child=line_item(98))],
        "joined": {},
        "loose_children": [LooseChild(parent_id=1, child=line_item(97))],
        "may_lack_children": True,
        "wanted": None,
        "reverse": False,
        "ids": ["x"],
        "batch": batch(order(1), deleted=(5,)),
        "rejects": [REJECT],
        "session": None,
        "name": "other",
        "holder": "nobody",
        "lease": lease,
        "job": job,
        "next_in": timedelta(hours=1),
        "intervals": {RecurringJob.INCREMENTAL: timedelta(hours=1)},
        "first_after": {RecurringJob.INCREMENTAL: timedelta(hours=1)},
        "entry_id": "2",
        "what": "x",
        "details": {},
        "scopes": [],
        "token_id": "x",
        "text": "echo_x_y",
        "state_": "x",
        "grant": AccessGrant(access_token="x"),
        "settings": ShopSettings(),
        "reason": "x",
        "left_at": MONDAY,
        "status": ShopStatus.ACTIVE,
        "budget": ApiBudget(graphql=None, rest=None, as_of=MONDAY),
        "synced_through": {Resource.ORDERS: MONDAY},
        "generation": 1,
        "delta": delta,
        "kind": RollupKind.SALES,
        "content": {},
        "version": 0,
        "ledger": None,
        "days": NOVEMBER,
        "granularity": Granularity.WEEK,
        "entry": AuditEntry(id="2", shop=shop, what="x", who="x", at=MONDAY),
        "since": MONDAY,
        "export": export,
        "document": b"x",
        "customer_id": 7,
        "tags": ["x"],
        "pattern": "alpha",
        "resource_id": "gid://shopify/Order/1",
        "part": PART,
        "before": MONDAY + timedelta(days=1),
        "day": MONDAY.date(),
        "operations": 1,
        "orders": {1: order(1)},
        "outcomes": [EventOutcome(event_id="w1", status=WebhookEventStatus.PROCESSED)],
        "change": ShopChange(
            resource=Resource.ORDERS,
            batch=batch(order(1, name="changed"), deleted=(4,), export_id=None, checkpoint={}),
            mergers=(Merger(removed=1, kept=2),),
        ),
    }


# Optional parameters without which a method would look across shops, which is then a caller's wish.
ALWAYS_GIVEN = {
    "ApiTokenRepository.list": {"shop"},
    "DataExports.list": {"shop"},
    "ShopRepository.page": {"only"},
    "ShopRepository.count": {"only"},
}


_RECURRING = {"job": RecurringJob.INCREMENTAL}


OTHERWISE_GIVEN: dict[str, dict[str, Any]] = {
    "Timetable.due_at": _RECURRING,
    "Timetable.hasten": _RECURRING,
    "EngagementRepository.of_shop": {"since": MONDAY.date()},
    "OrderReferences.customers_of": {"orders": [1, 2]},
    "GoneReferences.followed": {"orders": {1: order(1, customer_id=1)}},
    "GoneReferences.heirs": {"customers": [1]},
    "PendingChildren.behind": {"parent_id": 0},
    "GoneReferences.note": {"mergers": (Merger(kept=2, removed=1),)},
}


NOVEMBER = DayRange(first=date(2026, 11, 1), last=date(2026, 11, 30))


PART = ArchivePart(
    month="2026-11",
    number=1,
    created_from=MONDAY,
    created_until=MONDAY + timedelta(days=1),
)


REJECT = Reject(
    code=SyncErrorCode.MALFORMED_RECORD, message="malformed", resource_id=None, payload=None
)
