"""What the store has to know of a resource: one value per resource, everything else is generic."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec

from sync_engine.model.filters import TimeRange
from sync_engine.model.records import Child, Record
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import Resource
from sync_engine.store.codec import Document, from_document, to_stored_document

RecordT = TypeVar("RecordT", bound=Record)
FilterT = TypeVar("FilterT", bound=msgspec.Struct)
SortT = TypeVar("SortT", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildList:
    """The list inside a record that bulk exports deliver as lines of their own."""

    field: str
    child_type: type[Child]
    order_by: Callable[[Any], tuple[int, ...]]

    def decode(self, document: Document) -> Child:
        """Return the child of a document made by ``to_document``."""
        return from_document(document, self.child_type)

    def add(self, record: RecordT, children: Sequence[Child]) -> RecordT:
        """Return the record with these children too, each once, in the canonical order."""
        by_id = {child.id: child for child in (*getattr(record, self.field), *children)}
        ordered = tuple(sorted(by_id.values(), key=self.order_by))
        return msgspec.structs.replace(record, **{self.field: ordered})

    def merge(self, older: RecordT, newer: RecordT) -> RecordT:
        """Return the newer record, with the children that only the older one has."""
        known = {child.id for child in getattr(newer, self.field)}
        return self.add(
            newer, [child for child in getattr(older, self.field) if child.id not in known]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind(Generic[RecordT, FilterT, SortT]):
    """How the records of one resource are stored and asked for.

    ``conditions`` turns a filter into a query; ``sort_fields`` maps each sort order to the indexed
    field behind it. ``derive`` gives fields that are kept beside the record's own, for reads that
    would otherwise need all of it.
    """

    resource: Resource
    collection: str
    record_type: type[RecordT]
    conditions: Callable[[FilterT], Document]
    sort_fields: Mapping[SortT, str]
    children: ChildList | None = None
    derive: Callable[[RecordT], Document] | None = None

    def encode(self, shop: ShopDomain, record: RecordT, observed_at: datetime) -> Document:
        """Return the document of a record: its key, its shop, when it was seen, its fields."""
        document = to_stored_document(record)
        document["_id"] = document_id(shop, document.pop("id"))
        document["shop_id"] = shop
        document["observed_at"] = observed_at
        if self.derive is not None:
            document |= self.derive(record)
        return document

    def decode(self, document: Document) -> RecordT:
        """Return the record of a document."""
        return from_document({**document, "id": document["_id"]["id"]}, self.record_type)


def document_id(shop: ShopDomain, number: int) -> Document:
    """Return the primary key: unique per shop, and in Shopify's order within it."""
    return {"shop_id": shop, "id": number}


def time_range(field: str, given: TimeRange | None) -> Document:
    """Return the condition that a date lies in the range."""
    bounds: Document = {}
    if given is not None and given.from_at is not None:
        bounds["$gte"] = given.from_at
    if given is not None and given.until_at is not None:
        bounds["$lt"] = given.until_at
    return {field: bounds} if bounds else {}


def equalities(wanted: Mapping[str, str | int | None]) -> Document:
    """Return the conditions that fields equal the given values; None asks nothing."""
    return {field: value for field, value in wanted.items() if value is not None}
