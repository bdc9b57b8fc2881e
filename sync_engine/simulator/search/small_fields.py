"""What bulk operations, webhook subscriptions and events can be searched by.

Source: `query` arguments of QueryRoot.bulkOperations, webhookSubscriptions and events in the Admin
API.
"""

from sync_engine.simulator.search.field_kinds import (
    BooleanField,
    NumberField,
    SearchTable,
    TextField,
    TimeField,
)

_NOTHING = TextField(read=lambda _: ())


def operation_table() -> SearchTable:
    """The search fields of bulk operations; the guide's `type` is not one of them."""
    return SearchTable(
        name="bulkOperations",
        fields={
            "created_at": TimeField(read=lambda c: int(c.record.created)),
            "id": NumberField(lambda c: int(c.record.id)),
            "operation_type": TextField(read=lambda _: ("query",)),
            "status": TextField(read=lambda c: (c.record.status,)),
        },
        unsimulated=frozenset(),
        default=_NOTHING,
    )


def subscription_table() -> SearchTable:
    """The search fields of webhook subscriptions."""
    return SearchTable(
        name="webhookSubscriptions",
        fields={
            "created_at": TimeField(read=lambda c: int(c.record.created)),
            "id": NumberField(lambda c: int(c.record.id)),
            "updated_at": TimeField(read=lambda c: int(c.record.updated)),
        },
        unsimulated=frozenset(),
        default=_NOTHING,
    )


def event_table() -> SearchTable:
    """The search fields of events."""
    return SearchTable(
        name="events",
        fields={
            "action": TextField(read=lambda _: ("destroy",)),
            "comments": BooleanField(lambda _: False),
            "created_at": TimeField(read=lambda c: int(c.record.event.at)),
            "id": NumberField(lambda c: int(c.record.id)),
            "subject_type": TextField(read=lambda c: (c.record.event.resource,)),
        },
        unsimulated=frozenset(),
        default=_NOTHING,
    )
