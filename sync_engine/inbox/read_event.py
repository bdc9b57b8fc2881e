"""Reads a webhook: from topic and payload to what it tells. Pure, no I/O.

Source: shopify.dev, "Webhook topics" with their payloads, read 2026-11-23.
"""

from types import MappingProxyType
from typing import Annotated

import msgspec

from sync_engine.inbox.tidings import (
    CustomersMerged,
    NothingToDo,
    OperationOver,
    PrivacyAsked,
    RecordGone,
    RecordTold,
    RecordTouched,
    ShopTold,
    Tiding,
    Told,
)
from sync_engine.model.gid import parse_gid
from sync_engine.model.sync_enums import Resource
from sync_engine.model.webhook_event import WebhookEvent
from sync_engine.shopify.rest.record_pages import rest_format
from sync_engine.shopify.unreadable import UNMAPPABLE

_RECORDS = MappingProxyType(
    {
        "customers/create": Resource.CUSTOMERS,
        "customers/update": Resource.CUSTOMERS,
        "customers/enable": Resource.CUSTOMERS,
        "customers/disable": Resource.CUSTOMERS,
        "products/create": Resource.PRODUCTS,
        "products/update": Resource.PRODUCTS,
        "orders/create": Resource.ORDERS,
        "orders/updated": Resource.ORDERS,
        "orders/cancelled": Resource.ORDERS,
        "orders/paid": Resource.ORDERS,
        "orders/fulfilled": Resource.ORDERS,
        "orders/partially_fulfilled": Resource.ORDERS,
    }
)
_DELETIONS = MappingProxyType(
    {
        "customers/delete": Resource.CUSTOMERS,
        "products/delete": Resource.PRODUCTS,
        "orders/delete": Resource.ORDERS,
    }
)
_SHOP = frozenset({"app/uninstalled", "app/scopes_update", "shop/update"})
PRIVACY_TOPICS = frozenset({"customers/data_request", "customers/redact", "shop/redact"})
"""What Shopify obliges every app to act upon, connected or not."""

_Number = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class _Identified(msgspec.Struct):
    id: _Number


class _Person(msgspec.Struct):
    id: _Number
    email: object = None
    phone: object = None


class _OfOrder(msgspec.Struct):
    order_id: _Number


class _Edited(msgspec.Struct):
    order_edit: _OfOrder


class _Merged(msgspec.Struct):
    admin_graphql_api_customer_kept_id: str
    admin_graphql_api_customer_deleted_id: str


class _Finished(msgspec.Struct):
    admin_graphql_api_id: str


class _Privacy(msgspec.Struct):
    customer: _Person | None = None
    orders_requested: tuple[_Number, ...] = ()
    orders_to_redact: tuple[_Number, ...] = ()
    data_request: _Identified | None = None

    def tiding(self, topic: str) -> PrivacyAsked:
        """Return the request."""
        asked = self.customer
        given = () if asked is None else (asked.email, asked.phone)
        return PrivacyAsked(
            topic=topic,
            customer=None if asked is None else asked.id,
            contacts=tuple(each for each in given if isinstance(each, str)),
            orders=(*self.orders_requested, *self.orders_to_redact),
            request=None if self.data_request is None else self.data_request.id,
        )


class UnreadableEventError(ValueError):
    """The payload is not what its topic promises."""


def read_event(event: WebhookEvent, currency_code: str) -> Told:
    """Return what the event tells.

    Raises:
        UnreadableEventError: the payload is not JSON, or not of its topic's shape.
    """
    try:
        tiding = _tiding(event.topic, event.body, currency_code)
    except UNMAPPABLE as error:
        message = f"the payload of {event.topic} cannot be read: {str(error)[:300]}"
        raise UnreadableEventError(message) from error
    at = event.triggered_at or event.received_at
    if isinstance(tiding, RecordTold | RecordTouched | RecordGone | CustomersMerged):
        # Nobody signs that time: a record that was sent after it came would outdo all later news.
        at = min(at, event.received_at)
    return Told(event_id=event.id, at=at, tiding=tiding)


def _tiding(topic: str, body: bytes, currency_code: str) -> Tiding:
    decode = msgspec.json.decode
    if topic in _RECORDS:
        form = rest_format(_RECORDS[topic])
        mapped = form.to_record(form.decoder.decode(body), currency_code)
        return RecordTold(resource=_RECORDS[topic], mapped=mapped)
    if topic in _DELETIONS:
        return RecordGone(resource=_DELETIONS[topic], number=decode(body, type=_Identified).id)
    if topic == "refunds/create":
        number = decode(body, type=_OfOrder).order_id
        return RecordTouched(resource=Resource.ORDERS, number=number)
    if topic == "orders/edited":
        number = decode(body, type=_Edited).order_edit.order_id
        return RecordTouched(resource=Resource.ORDERS, number=number)
    if topic == "customers/merge":
        merged = decode(body, type=_Merged)
        return CustomersMerged(
            kept=parse_gid(merged.admin_graphql_api_customer_kept_id, "Customer").number,
            removed=parse_gid(merged.admin_graphql_api_customer_deleted_id, "Customer").number,
        )
    if topic in _SHOP:
        return ShopTold(topic=topic)
    if topic in PRIVACY_TOPICS:
        return decode(body, type=_Privacy).tiding(topic)
    if topic == "bulk_operations/finish":
        operation_id = decode(body, type=_Finished).admin_graphql_api_id
        return OperationOver(operation_id=str(parse_gid(operation_id, "BulkOperation")))
    decode(body)
    return NothingToDo(note=f"nothing is done for {topic}")
