"""What stays in MongoDB of an order that has moved to the archive: a stub, under the same key.

It has what the rollups need under the names that an order has it, so they never read a file; the
lines whole, because their references to products go on changing. It has no dates of its own, so
that no list, count or read sees it; those of the order stand under ``archived``, and its tags,
because they may have to be erased.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from sync_engine.model.records import LineItem, Order
from sync_engine.store.codec import Document, from_document
from sync_engine.store.rollups.facts import ORDER_FIELDS

ARCHIVED = "archived"
_DIGEST_BYTES = 16
_KEPT = ("_id", "shop_id", "net_sold", "is_outdated", *ORDER_FIELDS)
_KEPT_OF_REFUND = (
    "created_at",
    "shipping",
    "shipping_tax",
    "adjustment",
    "adjustment_tax",
)
_KEPT_OF_REFUND_LINE = ("line_item_id", "subtotal", "tax")


class Stub(msgspec.Struct, frozen=True, kw_only=True):
    """A stub as it is compared with versions of its order."""

    number: int
    created_at: datetime
    updated_at: datetime
    observed_at: datetime
    digest: bytes
    customer_id: int | None
    line_items: tuple[LineItem, ...]
    tags: tuple[str, ...]

    def is_of(self, order: Order, observed_at: datetime) -> bool:
        """Whether this is what was left of exactly this version, whatever it refers to by now."""
        return (
            self.updated_at == order.updated_at
            and self.observed_at == observed_at
            and self.digest == digest_of(order)
            and without_references(self.line_items) == without_references(order.line_items)
        )

    def whole(self, order: Order) -> Order:
        """Return the version that this was left of, with what has changed in it since."""
        return msgspec.structs.replace(
            order, customer_id=self.customer_id, line_items=self.line_items, tags=self.tags
        )


def is_stub(document: Mapping[str, Any]) -> bool:
    """Whether a document is what an archived order left."""
    return ARCHIVED in document


def read_stub(document: Document) -> Stub:
    """Return the stub of a document."""
    fields = {
        **document[ARCHIVED],
        "number": document["_id"]["id"],
        "customer_id": document["customer_id"],
        "line_items": document["line_items"],
    }
    return from_document(fields, Stub)


def dates_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what has the dates of the record that a document stands for."""
    dates: Mapping[str, Any] = document.get(ARCHIVED, document)
    return dates


def stub_document(document: Document, order: Order, *, now: datetime) -> Document:
    """Return what is left of the document of an order once it has moved."""
    stub = {name: document[name] for name in _KEPT if name in document}
    stub["refunds"] = [
        {name: refund[name] for name in _KEPT_OF_REFUND}
        | {
            "line_items": [
                {name: line[name] for name in _KEPT_OF_REFUND_LINE} for line in refund["line_items"]
            ]
        }
        for refund in document["refunds"]
    ]
    stub[ARCHIVED] = {
        "at": now,
        "created_at": document["created_at"],
        "updated_at": document["updated_at"],
        "observed_at": document["observed_at"],
        "digest": digest_of(order),
        "tags": document["tags"],
    }
    return stub


def digest_of(order: Order) -> bytes:
    """Return a digest of all that stubs do not hold as it is, to the spelling of amounts."""
    bare = msgspec.structs.replace(order, customer_id=None, line_items=(), tags=())
    return blake2b(msgspec.json.encode(bare), digest_size=_DIGEST_BYTES).digest()


def without_references(lines: tuple[LineItem, ...]) -> tuple[LineItem, ...]:
    """Return lines as they are whatever becomes of products."""
    return tuple(msgspec.structs.replace(line, product_id=None, variant_id=None) for line in lines)
