"""Starts a sync. Refuses what the engine cannot do yet rather than do something else."""

import strawberry

from gateway.graphql.context import Context
from gateway.graphql.describing import api_input, api_type
from gateway.graphql.enums import (
    Resource,
    ShopStatus,
    SyncMode,
    SyncStrategy,
    SyncTrigger,
    UserErrorCode,
)
from gateway.graphql.mutations.asked_shop import asked_shop
from gateway.graphql.mutations.record_change import record_change
from gateway.graphql.scalars import GivenDomain
from gateway.graphql.types.sync_run import SyncRun, sync_run_of
from gateway.graphql.types.user_error import UserError, user_error
from sync_engine.model.shop import Shop

REMEDIES = {
    ShopStatus.REAUTHORIZATION_REQUIRED: "Shopify refuses the shop's token: the merchant must "
    "open the app again, or connect the shop with a new token.",
    ShopStatus.UNINSTALLED: "The app is not installed in the shop: install it again first.",
    ShopStatus.SUSPENDED: "Shopify has frozen, locked or closed the shop: the merchant must settle "
    "that with Shopify first. It is asked again every day, and at once where the shop is connected "
    "again.",
}


@api_input
class StartSyncInput:
    """What to sync."""

    shop: GivenDomain | None = strawberry.field(
        default=None, description="Which shop; the caller's own where it is left out."
    )
    mode: SyncMode = strawberry.field(
        default=SyncMode.INCREMENTAL,
        description="How much to take. INCREMENTAL takes what was changed since the last sync, and "
        "everything where there was none; RECONCILE finds what was deleted or missed.",
    )
    resources: list[Resource] = strawberry.field(
        default_factory=lambda: list(Resource),
        description="What to take; the order is always customers, products, orders.",
    )
    strategy: SyncStrategy | None = strawberry.field(
        default=None,
        description="Over which of Shopify's interfaces; the engine decides where it is left out, "
        "and falls back to another where this one is shut.",
    )


@api_type
class StartSyncPayload:
    """What became of the request."""

    run: SyncRun | None = strawberry.field(
        description="The new run, or the one under way; null where there is a user error."
    )
    created: bool = strawberry.field(description="Whether the run is new.")
    user_errors: list[UserError] = strawberry.field(description="Why nothing was started.")


def start_sync_refusal(error: UserError) -> StartSyncPayload:
    """Return the payload where nothing was started."""
    return StartSyncPayload(run=None, created=False, user_errors=[error])


async def start_sync(context: Context, wanted: StartSyncInput) -> StartSyncPayload:
    """Start a run for the shop, unless it has one or something is in the way."""
    shop = await asked_shop(context, wanted.shop)
    if isinstance(shop, UserError):
        return start_sync_refusal(shop)
    objection = _objection(wanted, shop)
    if objection is not None:
        return start_sync_refusal(objection)
    run, is_new = await context.engine.start_sync(
        shop.domain,
        mode=wanted.mode,
        trigger=SyncTrigger.MANUAL,
        resources=wanted.resources,
        strategy=wanted.strategy,
    )
    await record_change(context, "startSync", shop.domain, run_id=run.id, created=is_new)
    return StartSyncPayload(run=sync_run_of(run), created=is_new, user_errors=[])


def _objection(wanted: StartSyncInput, shop: Shop) -> UserError | None:
    if not wanted.resources:
        message = "Name at least one resource."
        return user_error(UserErrorCode.INVALID, message, "resources")
    if shop.status is not ShopStatus.ACTIVE:
        return user_error(UserErrorCode.CONFLICT, REMEDIES[shop.status], "shop")
    return None
