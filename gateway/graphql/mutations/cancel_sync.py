"""Asks a run to stop."""

import strawberry

from gateway.graphql.context import Context
from gateway.graphql.describing import api_input, api_type
from gateway.graphql.enums import UserErrorCode
from gateway.graphql.mutations.record_change import record_change
from gateway.graphql.types.sync_run import SyncRun, sync_run_of
from gateway.graphql.types.user_error import UserError, user_error
from gateway.graphql.visible import visible_run


@api_input
class CancelSyncInput:
    """Which run to stop."""

    run_id: strawberry.ID = strawberry.field(description="The id of the run.")


@api_type
class CancelSyncPayload:
    """What became of the request."""

    run: SyncRun | None = strawberry.field(
        description="The run as it stands: a run that a worker has begun stops within moments, "
        "one that is over stays as it is. Null where there is a user error."
    )
    user_errors: list[UserError] = strawberry.field(description="Why nothing was stopped.")


def cancel_sync_refusal(error: UserError) -> CancelSyncPayload:
    """Return the payload where nothing was stopped."""
    return CancelSyncPayload(run=None, user_errors=[error])


async def cancel_sync(context: Context, run_id: str) -> CancelSyncPayload:
    """Ask the run to stop, whatever its state."""
    known = await visible_run(context, run_id)
    run = None if known is None else await context.engine.cancel_sync(known.shop, known.id)
    if run is None:
        return cancel_sync_refusal(
            user_error(UserErrorCode.NOT_FOUND, "There is no such run.", "runId")
        )
    await record_change(context, "cancelSync", run.shop, run_id=run.id)
    return CancelSyncPayload(run=sync_run_of(run), user_errors=[])
