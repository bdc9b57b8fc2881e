"""Applies quarantined records again."""

import strawberry

from gateway.graphql.context import Context
from gateway.graphql.describing import api_input, api_type
from gateway.graphql.enums import ShopStatus, UserErrorCode
from gateway.graphql.mutations.asked_shop import asked_shop
from gateway.graphql.mutations.record_change import record_change
from gateway.graphql.mutations.start_sync import REMEDIES
from gateway.graphql.scalars import GivenDomain
from gateway.graphql.types.user_error import UserError, user_error
from sync_engine.model.errors import RetryableError, ShopBlockedError

_MOST_IDS = 250


@api_input
class RetrySyncErrorsInput:
    """Which errors to try again; all that are not resolved where nothing is given."""

    shop: GivenDomain | None = strawberry.field(
        default=None, description="Which shop; the caller's own where it is left out."
    )
    ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Only these errors, 250 at most."
    )
    run_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only errors of this run."
    )


@api_type
class RetrySyncErrorsPayload:
    """What became of the request."""

    resolved: int = strawberry.field(
        description="Errors whose record is stored now, or was deleted by the shop since."
    )
    still_failing: int = strawberry.field(
        description="Errors that stand, also because they concern no single record."
    )
    user_errors: list[UserError] = strawberry.field(description="Why nothing was tried.")


def retry_sync_errors_refusal(error: UserError) -> RetrySyncErrorsPayload:
    """Return the payload where nothing was tried."""
    return RetrySyncErrorsPayload(resolved=0, still_failing=0, user_errors=[error])


async def retry_sync_errors(
    context: Context, wanted: RetrySyncErrorsInput
) -> RetrySyncErrorsPayload:
    """Read the records behind the errors anew and store them."""
    shop = await asked_shop(context, wanted.shop)
    if isinstance(shop, UserError):
        return retry_sync_errors_refusal(shop)
    if shop.status is not ShopStatus.ACTIVE:
        error = user_error(UserErrorCode.CONFLICT, REMEDIES[shop.status], "shop")
        return retry_sync_errors_refusal(error)
    if wanted.ids and len(wanted.ids) > _MOST_IDS:
        message = f"Name {_MOST_IDS} errors at most."
        return retry_sync_errors_refusal(user_error(UserErrorCode.INVALID, message, "ids"))
    try:
        outcome = await context.engine.retry_errors(
            shop, ids=wanted.ids or None, run_id=wanted.run_id or None
        )
    except ShopBlockedError as error:
        return retry_sync_errors_refusal(
            user_error(UserErrorCode.SHOPIFY_REFUSED, f"{error}.", "shop")
        )
    except RetryableError as error:
        return retry_sync_errors_refusal(user_error(UserErrorCode.UNAVAILABLE, f"{error}."))
    await record_change(
        context,
        "retrySyncErrors",
        shop.domain,
        ids=list(wanted.ids or ()),
        run_id=wanted.run_id,
        resolved=outcome.resolved,
        still_failing=outcome.still_failing,
    )
    return RetrySyncErrorsPayload(
        resolved=outcome.resolved, still_failing=outcome.still_failing, user_errors=[]
    )
