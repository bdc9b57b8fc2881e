"""Customers from REST, as pages and webhooks deliver them.

Source: shopify.dev, REST Admin API reference, Customer, read 2026-11-23.
"""

from datetime import datetime
from types import MappingProxyType

import msgspec
from msgspec import UNSET, UnsetType

from sync_engine.model.money import exact_amount
from sync_engine.model.records import Customer
from sync_engine.shopify.mapping.canonical import display_name, optional_text, split_tags, utc
from sync_engine.shopify.mapping.rest import Mapped, RestAddress, told, untold

_RECORD_FIELDS = MappingProxyType(
    {
        "first_name": "first_name",
        "last_name": "last_name",
        "email": "email",
        "phone": "phone",
        "state": "state",
        "tags": "tags",
        "orders_count": "number_of_orders",
        "total_spent": "amount_spent",
    }
)
_NAME_FIELDS = frozenset({"first_name", "last_name", "email", "phone"})


class RestCustomer(msgspec.Struct, gc=False):
    """A customer as REST delivers it.

    ``currency`` is not read: it is the currency of the customer's last payment, while the total is
    in the shop's. A customer without addresses has no ``default_address``, not even null.
    """

    id: int
    created_at: datetime
    updated_at: datetime
    first_name: str | UnsetType | None = UNSET
    last_name: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    state: str | UnsetType = UNSET
    tags: str | UnsetType | None = UNSET
    orders_count: int | UnsetType = UNSET
    total_spent: str | UnsetType = UNSET
    default_address: RestAddress | None = None


def customer_from_rest(payload: RestCustomer, shop_currency: str) -> Mapped[Customer]:
    """Return the canonical customer; webhooks lack what its orders add up to.

    Raises:
        ValueError: an amount or a moment in it is none.
    """
    first_name = optional_text(told(payload.first_name, None))
    last_name = optional_text(told(payload.last_name, None))
    email = optional_text(told(payload.email, None))
    phone = optional_text(told(payload.phone, None))
    address = payload.default_address
    lacks = untold(payload, _RECORD_FIELDS)
    if lacks & _NAME_FIELDS:
        lacks.add("display_name")
    customer = Customer(
        id=payload.id,
        created_at=utc(payload.created_at),
        updated_at=utc(payload.updated_at),
        display_name=display_name(first_name, last_name, email, phone),
        first_name=first_name,
        last_name=last_name,
        email=email,
        phone=phone,
        state=told(payload.state, "").upper(),
        tags=split_tags(told(payload.tags, None)),
        country_code=None if address is None else optional_text(address.country_code),
        number_of_orders=told(payload.orders_count, 0),
        amount_spent=exact_amount(told(payload.total_spent, "0"), shop_currency),
        currency_code=shop_currency,
    )
    return Mapped(record=customer, lacks=frozenset(lacks))
