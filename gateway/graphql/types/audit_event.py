"""The audit of a shop: who changed what, and what was done about people's data."""

from datetime import datetime
from functools import partial

import orjson
import strawberry

from gateway.graphql.describing import api_type
from gateway.graphql.paging import Connection, checked_first, page_of
from sync_engine.model.audit import AuditEntry
from sync_engine.store.store import ShopStore


@api_type
class AuditEvent:
    """Something that was changed or done. It holds ids and settings, never names or secrets."""

    id: strawberry.ID = strawberry.field(description="The id of the entry.")
    what: str = strawberry.field(
        description="A mutation, a command such as tokens.create, a topic such as "
        "customers/redact, or what was done about it, such as person.erased."
    )
    who: str = strawberry.field(
        description="Who it was: operator, token with its id, command line with its user, "
        "merchant, shopify."
    )
    at: datetime = strawberry.field(description="When.")
    correlation_id: str | None = strawberry.field(
        description="The X-Request-Id of the request, or the id of the webhook."
    )
    details: str | None = strawberry.field(
        description="What it was about, as a JSON object; null where there is nothing to say."
    )


@api_type
class AuditEventConnection(Connection[AuditEvent]):
    """One page of the audit."""


def audit_event_list(
    shop: ShopStore, *, first: int, after: str | None, since: datetime | None
) -> AuditEventConnection:
    """Return the entries of a shop, newest first; nothing is read yet.

    Raises:
        BadUserInputError: the page is too large.
    """
    page = partial(shop.audit.page, first=checked_first(first), after=after, since=since)
    return AuditEventConnection(
        page=page_of(page, _audit_event_of), count=partial(shop.audit.count, since=since)
    )


def _audit_event_of(entry: AuditEntry) -> AuditEvent:
    return AuditEvent(
        id=strawberry.ID(entry.id),
        what=entry.what,
        who=entry.who,
        at=entry.at,
        correlation_id=entry.correlation_id,
        details=orjson.dumps(entry.details).decode() if entry.details else None,
    )
