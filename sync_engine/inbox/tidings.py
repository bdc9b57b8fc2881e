"""What a webhook tells, once it is read: pure values."""

from datetime import datetime

import msgspec

from sync_engine.model.records import Record
from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.mapping.rest import Mapped


class RecordTold(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a record, with what its payload leaves open."""

    resource: Resource
    mapped: Mapped[Record]

    @property
    def number(self) -> int:
        """Shopify's number of the record."""
        return self.mapped.record.id


class RecordTouched(msgspec.Struct, frozen=True, kw_only=True):
    """A record has changed in a way that the payload does not tell: it has to be read."""

    resource: Resource
    number: int


class RecordGone(msgspec.Struct, frozen=True, kw_only=True):
    """A record was deleted."""

    resource: Resource
    number: int


class CustomersMerged(msgspec.Struct, frozen=True, kw_only=True):
    """Two customers became one."""

    kept: int
    removed: int


class ShopTold(msgspec.Struct, frozen=True, kw_only=True):
    """Something about the shop as a whole, or about the app in it."""

    topic: str


class PrivacyAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A person's or a shop's data has to be handed over or erased.

    ``contacts`` are the person's e-mail address and phone number, where Shopify names them.
    """

    topic: str
    customer: int | None
    contacts: tuple[str, ...]
    orders: tuple[int, ...]
    request: int | None

    def __repr__(self) -> str:
        return f"PrivacyAsked(topic={self.topic!r}, customer={self.customer})"


class NothingToDo(msgspec.Struct, frozen=True, kw_only=True):
    """The topic means nothing to the copy; says why."""

    note: str


Tiding = (
    RecordTold
    | RecordTouched
    | RecordGone
    | CustomersMerged
    | ShopTold
    | PrivacyAsked
    | NothingToDo
)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A tiding, the event that brought it and when Shopify sent it off."""

    event_id: str
    at: datetime
    tiding: Tiding
