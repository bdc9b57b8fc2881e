"""How a shop is synced just now."""

from datetime import datetime

import strawberry

from gateway.graphql.context import Info
from gateway.graphql.describing import api_type
from gateway.graphql.enums import Resource, SyncState
from gateway.graphql.scalars import BigInt
from gateway.graphql.types.sync_run import SyncRun, sync_run_of
from sync_engine.model import shop
from sync_engine.model.recurring import RecurringJob
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.runs import RunRepository

_OVER = tuple(state for state in SyncState if not state.is_active)


@api_type
class BudgetLevel:
    """One of Shopify's leaky buckets, in points for GraphQL and in requests for REST."""

    maximum: float = strawberry.field(description="How much fits.")
    available: float = strawberry.field(description="How much was left.")
    restores_per_second: float = strawberry.field(description="How much comes back in a second.")


@api_type
class ApiBudget:
    """What is left of Shopify's allowance for a shop."""

    graphql: BudgetLevel | None = strawberry.field(
        description="The GraphQL Admin API; null while nothing was asked there."
    )
    rest: BudgetLevel | None = strawberry.field(
        description="The REST Admin API; null while nothing was asked there."
    )
    as_of: datetime = strawberry.field(description="When Shopify reported it.")


@api_type
class ResourceSyncStatus:
    """How far one resource of a shop is copied."""

    domain: strawberry.Private[ShopDomain]
    resource: Resource = strawberry.field(description="The resource.")
    synced_through: datetime | None = strawberry.field(
        description="Everything Shopify changed up to this moment has been read."
    )

    @strawberry.field
    async def stored(self, info: Info) -> BigInt:
        """How many records are stored."""
        reader = info.context.engine.store.shop(self.domain).reader(self.resource)
        return BigInt(await reader.count())


@api_type
class SyncStatus:
    """How a shop is synced: what is under way, what was last, how far its data is."""

    record: strawberry.Private[shop.Shop]
    resources: list[ResourceSyncStatus] = strawberry.field(
        description="Each resource, in the order in which they are synced."
    )
    api_budget: ApiBudget | None = strawberry.field(
        description="What is left of Shopify's allowance for this shop, as last reported by "
        "Shopify."
    )

    @strawberry.field
    async def active_run(self, info: Info) -> SyncRun | None:
        """The run that has work to do, of which there is at most one."""
        active = await self._runs(info).active()
        return None if active is None else sync_run_of(active)

    @strawberry.field
    async def last_run(self, info: Info) -> SyncRun | None:
        """The newest run that is over, however it ended."""
        last = await self._runs(info).latest(_OVER)
        return None if last is None else sync_run_of(last)

    @strawberry.field
    async def last_succeeded_at(self, info: Info) -> datetime | None:
        """When the newest run that succeeded was over."""
        last = await self._runs(info).latest([SyncState.SUCCEEDED])
        return None if last is None else last.finished_at

    @strawberry.field
    async def next_incremental_at(self, info: Info) -> datetime | None:
        """When the next incremental sync is due; null while none is planned."""
        timetable = info.context.engine.store.timetable
        return await timetable.due_at(self.record.domain, RecurringJob.INCREMENTAL)

    def _runs(self, info: Info) -> RunRepository:
        return info.context.engine.store.shop(self.record.domain).runs


def sync_status_of(record: shop.Shop) -> SyncStatus:
    """Return the sync status of a shop; what costs a read is read when it is asked for."""
    budget = record.budget
    return SyncStatus(
        record=record,
        resources=[
            ResourceSyncStatus(
                domain=record.domain,
                resource=resource,
                synced_through=record.synced_through.get(resource),
            )
            for resource in Resource
        ],
        api_budget=None
        if budget is None
        else ApiBudget(
            graphql=_level_of(budget.graphql), rest=_level_of(budget.rest), as_of=budget.as_of
        ),
    )


def _level_of(level: shop.BudgetLevel | None) -> BudgetLevel | None:
    if level is None:
        return None
    return BudgetLevel(
        maximum=level.maximum,
        available=level.available,
        restores_per_second=level.restores_per_second,
    )
