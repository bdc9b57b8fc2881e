"""The quarantine: what could not be kept, and what else went wrong with syncs."""

from datetime import datetime
from functools import partial

import strawberry

from gateway.graphql.context import Info
from gateway.graphql.describing import api_type
from gateway.graphql.enums import Resource, SyncErrorCode, ViewerScope
from gateway.graphql.paging import Connection, checked_first, page_of
from sync_engine.store.store import ShopStore
from sync_engine.store.sync_errors import StoredError

_REDACTED = "[redacted: READ_DATA is needed to see it]"


@api_type
class SyncError:
    """A record that could not be kept, or another failure of a sync, with its reason."""

    received: strawberry.Private[str | None]
    id: strawberry.ID = strawberry.field(description="The id of the entry.")
    run_id: strawberry.ID | None = strawberry.field(
        description="The run it happened in; null outside of a run."
    )
    resource: Resource = strawberry.field(description="The resource it concerns.")
    resource_id: strawberry.ID | None = strawberry.field(
        description="Shopify's id of the record, where it could be read."
    )
    code: SyncErrorCode = strawberry.field(description="What sort of failure it is.")
    message: str = strawberry.field(description="What went wrong, for people.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    resolved_at: datetime | None = strawberry.field(
        description="When the record was stored after all; null while it is not."
    )

    @strawberry.field
    def payload(self, info: Info) -> str | None:
        """The record or response as received, cut at 16 KiB.

        Redacted for callers without READ_DATA, because it may hold personal data.
        """
        if self.received is None or info.context.principal.has(ViewerScope.READ_DATA):
            return self.received
        return _REDACTED


@api_type
class SyncErrorConnection(Connection[SyncError]):
    """One page of errors."""


def sync_error_list(
    shop: ShopStore,
    *,
    first: int,
    after: str | None,
    run_id: str | None = None,
    resource: Resource | None = None,
) -> SyncErrorConnection:
    """Return the errors of a shop that match, newest first; nothing is read yet.

    Raises:
        BadUserInputError: the page is too large.
    """
    page = partial(
        shop.errors.page,
        first=checked_first(first),
        after=after,
        run_id=run_id,
        resource=resource,
    )
    return SyncErrorConnection(
        page=page_of(page, _sync_error_of),
        count=partial(shop.errors.count, run_id=run_id, resource=resource),
    )


def _sync_error_of(record: StoredError) -> SyncError:
    run, resource_id = record.run_id, record.resource_id
    if record.resource is None:  # nobody writes such an entry
        message = f"sync error {record.id} concerns no resource"
        raise LookupError(message)
    return SyncError(
        received=record.payload,
        id=strawberry.ID(record.id),
        run_id=None if run is None else strawberry.ID(run),
        resource=record.resource,
        resource_id=None if resource_id is None else strawberry.ID(resource_id),
        code=record.code,
        message=record.message,
        occurred_at=record.occurred_at,
        resolved_at=record.resolved_at,
    )
