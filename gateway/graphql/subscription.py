"""The root of subscriptions."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from gateway.graphql.context import Context, Info
from gateway.graphql.enums import ViewerScope
from gateway.graphql.errors import NotFoundError
from gateway.graphql.guarded import guarded_root, guarded_subscription
from gateway.graphql.permissions import Requires
from gateway.graphql.progress_stream import progress_stream
from gateway.graphql.scalars import GivenDomain
from gateway.graphql.types.kpis_updated import KpisUpdated
from gateway.graphql.types.shop import shop_of
from gateway.graphql.types.sync_progress import SyncProgress, sync_progress_of
from gateway.graphql.visible import read_domain, visible_run, visible_shop
from sync_engine.kpis.updates import kpi_updates
from sync_engine.model.shop_domain import ShopDomain


@guarded_root
class Subscription:
    """What can be watched."""

    @guarded_subscription(Requires(ViewerScope.READ_SYNC))
    async def sync_progress(
        self,
        info: Info,
        shop: Annotated[
            GivenDomain | None,
            strawberry.argument(description="Which shop; the caller's own where it is left out."),
        ] = None,
        run_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Only this run; the stream ends after its final state."
            ),
        ] = None,
    ) -> AsyncGenerator[SyncProgress, None]:
        """Progress of the shop's syncs: the current state at once, then every change.

        Intermediate states may be merged for a slow client; the last state of a run never is.
        Needs READ_SYNC.
        """
        wanted = None if shop is None else read_domain(shop)
        watched = await _watched(info.context, wanted, run_id)
        return _events(info.context, watched, run_id)

    @guarded_subscription(Requires(ViewerScope.READ_KPIS))
    async def kpis_updated(
        self,
        info: Info,
        shop: Annotated[
            GivenDomain | None,
            strawberry.argument(description="Which shop; the caller's own where it is left out."),
        ] = None,
    ) -> AsyncGenerator[KpisUpdated, None]:
        """The shop's KPIs changed (new data was folded in): refetch. At most one event a second.

        Needs READ_KPIS.
        """
        wanted = None if shop is None else read_domain(shop)
        watched = await _watched(info.context, wanted, None)
        return _kpi_events(info.context, watched)


async def _watched(context: Context, domain: ShopDomain | None, run_id: str | None) -> ShopDomain:
    """Return the shop to listen to.

    Raises:
        NotFoundError: the caller sees no such shop or run.
    """
    if run_id is not None:
        run = await visible_run(context, run_id)
        if run is None or domain not in {None, run.shop}:
            raise NotFoundError("There is no such run.")
        return run.shop
    found = await visible_shop(context, domain)
    if found is None:
        raise NotFoundError("There is no such shop; an operator has to name one, or a run.")
    return found.domain


async def _events(
    context: Context, shop: ShopDomain, run_id: str | None
) -> AsyncGenerator[SyncProgress, None]:
    engine = context.engine
    states = progress_stream(engine.store.run_feed, engine.store.shop(shop), run_id, engine.clock)
    async with aclosing(states):
        async for run in states:
            await context.for_event()
            yield sync_progress_of(run)


async def _kpi_events(context: Context, shop: ShopDomain) -> AsyncGenerator[KpisUpdated, None]:
    engine = context.engine
    changes = kpi_updates(engine.store.rollup_feed, shop, engine.clock)
    async with aclosing(changes):
        async for days in changes:
            await context.for_event()
            record = await context.loaders.shops.load(shop)
            if record is None:  # purged since
                return
            yield KpisUpdated(shop=shop_of(record), days=days, at=engine.clock.now())
