"""Writes down everything that is stored about a person, as JSON that can be handed over."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec

from sync_engine.model.records import Order
from sync_engine.privacy.find_person import errors_that, orders_of, webhooks_that
from sync_engine.privacy.person import Person
from sync_engine.store.store import ShopStore

_REQUESTS = frozenset({"customers/data_request", "customers/redact"})
_NOTHING = "Nothing is stored about this person."


class PersonExport(msgspec.Struct, frozen=True, kw_only=True):
    """The document, and whether it says that there is nothing."""

    document: bytes
    is_empty: bool


async def export_person(
    store: ShopStore,
    person: Person,
    *,
    orders: Collection[int],
    archived: Collection[Order] = (),
    now: datetime,
) -> PersonExport:
    """Collect the customer, their orders, what was quarantined and what webhooks told of them.

    ``archived`` are orders that do not stand in MongoDB. Requests of this sort are left out: they
    say what the person has said.
    """
    customer = await store.customers.get(person.number)
    known = person if customer is None else person.also_known(customer)
    found: dict[str, Any] = {
        "customer": customer,
        "orders": [*archived, *await orders_of(store, known, orders)],
        "quarantined": [
            {"occurred_at": each.occurred_at, "message": each.message, "payload": each.payload}
            async for each in errors_that(store, known.is_in)
        ],
        "webhooks": [
            {
                "topic": each.topic,
                "received_at": each.received_at,
                "payload": each.body.decode(errors="replace"),
            }
            async for each in webhooks_that(store, known.is_in)
            if each.topic not in _REQUESTS
        ],
    }
    is_empty = not any(found.values())
    written = {
        "shop": store.shop,
        "customer_id": person.number,
        "made_at": now,
        "summary": _NOTHING if is_empty else None,
        **found,
    }
    plain = msgspec.json.format(msgspec.json.encode(written), indent=2)
    return PersonExport(document=plain + b"\n", is_empty=is_empty)
