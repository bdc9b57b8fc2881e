"""The part of a shop that is about its syncs."""

from datetime import datetime
from typing import Annotated

import strawberry

from gateway.graphql.context import Info
from gateway.graphql.describing import api_type
from gateway.graphql.enums import Resource, ViewerScope, WebhookEventStatus
from gateway.graphql.guarded import guarded_field
from gateway.graphql.paging import After, First
from gateway.graphql.permissions import Requires
from gateway.graphql.types.audit_event import AuditEventConnection, audit_event_list
from gateway.graphql.types.sync_error import SyncErrorConnection, sync_error_list
from gateway.graphql.types.sync_run import SyncRunConnection, sync_run_list
from gateway.graphql.types.sync_status import SyncStatus, sync_status_of
from gateway.graphql.types.webhook_event import WebhookEventConnection, webhook_event_list
from sync_engine.model import shop


@api_type
class ShopSync:
    """The syncs of a shop."""

    record: strawberry.Private[shop.Shop]

    @guarded_field(Requires(ViewerScope.READ_SYNC))
    def sync(self) -> SyncStatus:
        """How the shop is synced just now. Needs READ_SYNC."""
        return sync_status_of(self.record)

    @guarded_field(Requires(ViewerScope.READ_SYNC))
    def sync_runs(self, info: Info, first: First = 20, after: After = None) -> SyncRunConnection:
        """All runs, newest first. Needs READ_SYNC."""
        store = info.context.engine.store.shop(self.record.domain)
        return sync_run_list(store, first=first, after=after)

    @guarded_field(Requires(ViewerScope.READ_SYNC))
    def sync_errors(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        run_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only errors of this run.")
        ] = None,
        resource: Annotated[
            Resource | None, strawberry.argument(description="Only errors of this resource.")
        ] = None,
    ) -> SyncErrorConnection:
        """What could not be kept and what else went wrong, newest first. Needs READ_SYNC."""
        store = info.context.engine.store.shop(self.record.domain)
        return sync_error_list(store, first=first, after=after, run_id=run_id, resource=resource)

    @guarded_field(Requires(ViewerScope.READ_SYNC))
    def webhook_events(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        topic: Annotated[
            str | None, strawberry.argument(description="Only of this topic: orders/updated.")
        ] = None,
        status: Annotated[
            WebhookEventStatus | None, strawberry.argument(description="Only those so far.")
        ] = None,
    ) -> WebhookEventConnection:
        """The webhooks of the last week, newest first. Needs READ_SYNC."""
        store = info.context.engine.store.shop(self.record.domain)
        return webhook_event_list(store, first=first, after=after, topic=topic, status=status)

    @guarded_field(Requires(ViewerScope.MANAGE_SHOPS))
    def audit_events(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        since: Annotated[
            datetime | None, strawberry.argument(description="Only from this moment on.")
        ] = None,
    ) -> AuditEventConnection:
        """Who changed what, and what was done about people's data. Needs MANAGE_SHOPS."""
        store = info.context.engine.store.shop(self.record.domain)
        return audit_event_list(store, first=first, after=after, since=since)
