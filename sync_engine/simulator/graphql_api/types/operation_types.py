"""BulkOperation and WebhookSubscription."""

from operator import attrgetter

from sync_engine.simulator.bulk.operation import Snapshot
from sync_engine.simulator.generate.calendar import utc
from sync_engine.simulator.gids import gid
from sync_engine.simulator.graphql_api.execution import (
    Arguments,
    BoundField,
    Execution,
    Field,
    FieldTable,
    Getter,
)


def _url(_arguments: Arguments, execution: Execution) -> Getter:
    def url(snapshot: Snapshot) -> str | None:
        return (
            execution.backstage.file_url(snapshot, is_partial=False) if snapshot.has_url else None
        )

    return url


def _partial_url(_arguments: Arguments, execution: Execution) -> Getter:
    def url(snapshot: Snapshot) -> str | None:
        return (
            execution.backstage.file_url(snapshot, is_partial=True)
            if snapshot.has_partial_url
            else None
        )

    return url


BULK_OPERATION: FieldTable = {
    "completedAt": Field(
        lambda snapshot: None if snapshot.completed is None else utc(int(snapshot.completed))
    ),
    "createdAt": Field(lambda snapshot: utc(int(snapshot.created))),
    "errorCode": Field(attrgetter("error_code")),
    "fileSize": Field(
        lambda snapshot: None if snapshot.file_size is None else str(snapshot.file_size)
    ),
    "id": Field(lambda snapshot: gid("BulkOperation", snapshot.id)),
    "objectCount": Field(lambda snapshot: str(snapshot.object_count)),
    "partialDataUrl": BoundField(_partial_url),
    "query": Field(attrgetter("query")),
    "rootObjectCount": Field(lambda snapshot: str(snapshot.root_count)),
    "status": Field(attrgetter("status")),
    "type": Field(lambda _: "QUERY"),
    "url": BoundField(_url),
}
WEBHOOK_SUBSCRIPTION: FieldTable = {
    "callbackUrl": Field(attrgetter("uri")),
    "createdAt": Field(lambda subscription: utc(subscription.created)),
    "filter": Field(attrgetter("filter")),
    "format": Field(attrgetter("format")),
    "id": Field(lambda subscription: gid("WebhookSubscription", subscription.id)),
    "includeFields": Field(attrgetter("include_fields")),
    "legacyResourceId": Field(lambda subscription: str(subscription.id)),
    "metafieldNamespaces": Field(attrgetter("metafield_namespaces")),
    "name": Field(attrgetter("name")),
    "topic": Field(attrgetter("topic")),
    "updatedAt": Field(lambda subscription: utc(subscription.updated)),
    "uri": Field(attrgetter("uri")),
}
