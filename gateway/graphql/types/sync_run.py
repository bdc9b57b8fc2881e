"""Sync runs: what was asked, how far it is, how it ended."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import strawberry

from gateway.graphql.context import Info
from gateway.graphql.describing import api_type
from gateway.graphql.enums import SyncMode, SyncState, SyncTrigger, ViewerScope
from gateway.graphql.guarded import guarded_field
from gateway.graphql.paging import After, Connection, First, checked_first, page_of
from gateway.graphql.permissions import Requires
from gateway.graphql.scalars import BigInt
from gateway.graphql.types.sync_error import SyncErrorConnection, sync_error_list
from gateway.graphql.types.sync_run_stage import SyncRunStage, stage_of
from sync_engine.model import run
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.store.store import ShopStore

if TYPE_CHECKING:
    from gateway.graphql.types.shop import Shop


@api_type
class ApiUsage:
    """What a run has asked of Shopify so far."""

    requests: int = strawberry.field(description="Requests that were sent.")
    throttled: int = strawberry.field(description="Those that Shopify refused for the rate.")
    retried: int = strawberry.field(description="Those that were a second or later try.")
    failed: int = strawberry.field(description="Those that brought no answer to use.")
    cost_points: float = strawberry.field(description="Points of Shopify's query cost, as charged.")
    seconds_waited_for_budget: float = strawberry.field(
        description="How long the run waited, so as not to exceed Shopify's allowance."
    )
    bytes_downloaded: BigInt = strawberry.field(description="Bytes of bulk results.")


@api_type
class SyncRun:
    """One sync of a shop, from the request to the end."""

    domain: strawberry.Private[ShopDomain]
    id: strawberry.ID = strawberry.field(description="The id of the run.")
    mode: SyncMode = strawberry.field(description="How much the run takes.")
    trigger: SyncTrigger = strawberry.field(description="What asked for it.")
    state: SyncState = strawberry.field(description="Where it stands.")
    queued_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When a worker first took it up.")
    finished_at: datetime | None = strawberry.field(description="When it was over.")
    resumed_count: int = strawberry.field(
        description="How often the run was taken up again after an interruption."
    )
    stages: list[SyncRunStage] = strawberry.field(
        description="The resources that the run takes, in the order in which it does."
    )
    error_count: int = strawberry.field(description="How many errors the run has met.")
    api_usage: ApiUsage = strawberry.field(description="What the run has asked of Shopify so far.")
    message: str | None = strawberry.field(
        description="Why the run failed or is partial, in words a merchant can act on."
    )

    @strawberry.field
    async def shop(
        self, info: Info
    ) -> Annotated["Shop", strawberry.lazy("gateway.graphql.types.shop")]:
        """The shop that is synced."""
        from gateway.graphql.types.shop import shop_of  # noqa: PLC0415 - the types refer to each other

        record = await info.context.loaders.shops.load(self.domain)
        if record is None:  # only where the shop is purged at this moment
            message = f"run {self.id} is of a shop that is gone"
            raise LookupError(message)
        return shop_of(record)

    @guarded_field(Requires(ViewerScope.READ_SYNC))
    def errors(self, info: Info, first: First = 50, after: After = None) -> SyncErrorConnection:
        """The errors that the run has met, newest first. Needs READ_SYNC."""
        shop = info.context.engine.store.shop(self.domain)
        return sync_error_list(shop, first=first, after=after, run_id=self.id)


@api_type
class SyncRunConnection(Connection[SyncRun]):
    """One page of runs."""


def sync_run_of(record: run.Run) -> SyncRun:
    """Return a run as the API shows it."""
    usage = record.usage
    return SyncRun(
        domain=record.shop,
        id=strawberry.ID(record.id),
        mode=record.mode,
        trigger=record.trigger,
        state=record.state,
        queued_at=record.queued_at,
        started_at=record.started_at,
        finished_at=record.finished_at,
        resumed_count=record.resumed_count,
        stages=[stage_of(stage) for stage in record.stages],
        error_count=record.error_count,
        api_usage=ApiUsage(
            requests=usage.requests,
            throttled=usage.throttled,
            retried=usage.retried,
            failed=usage.failed,
            cost_points=usage.cost_points,
            seconds_waited_for_budget=usage.seconds_waited_for_budget,
            bytes_downloaded=BigInt(usage.bytes_downloaded),
        ),
        message=record.message,
    )


def sync_run_list(shop: ShopStore, *, first: int, after: str | None) -> SyncRunConnection:
    """Return the runs of a shop, newest first; nothing is read yet.

    Raises:
        BadUserInputError: the page is too large.
    """
    page = partial(shop.runs.page, first=checked_first(first), after=after)
    return SyncRunConnection(page=page_of(page, sync_run_of), count=shop.runs.count)
