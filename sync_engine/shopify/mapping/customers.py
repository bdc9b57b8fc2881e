"""Customers from GraphQL nodes."""

import msgspec

from sync_engine.model.gid import gid_number
from sync_engine.model.money import exact_amount
from sync_engine.model.records import Customer
from sync_engine.shopify.mapping.canonical import display_name, optional_text, sorted_tags
from sync_engine.shopify.mapping.nodes import Address, Moment, Money


class _Email(msgspec.Struct, gc=False, rename="camel"):
    email_address: str | None = None


class _Phone(msgspec.Struct, gc=False, rename="camel"):
    phone_number: str | None = None


class CustomerNode(msgspec.Struct, gc=False, rename="camel"):
    """A customer as GraphQL delivers it."""

    id: str
    created_at: Moment
    updated_at: Moment
    state: str
    number_of_orders: str | int
    amount_spent: Money
    first_name: str | None = None
    last_name: str | None = None
    default_email_address: _Email | None = None
    default_phone_number: _Phone | None = None
    default_address: Address | None = None
    tags: tuple[str, ...] = ()


def customer_from_node(node: CustomerNode, shop_currency: str) -> Customer:
    """Return the canonical customer.

    Raises:
        ValueError: an id or amount in it is none.
    """
    currency = node.amount_spent.currency_code or shop_currency
    first_name, last_name = optional_text(node.first_name), optional_text(node.last_name)
    address, mailbox, line = (
        node.default_address,
        node.default_email_address,
        node.default_phone_number,
    )
    email = None if mailbox is None else optional_text(mailbox.email_address)
    phone = None if line is None else optional_text(line.phone_number)
    return Customer(
        id=gid_number(node.id),
        created_at=node.created_at,
        updated_at=node.updated_at,
        display_name=display_name(first_name, last_name, email, phone),
        first_name=first_name,
        last_name=last_name,
        email=email,
        phone=phone,
        state=node.state,
        tags=sorted_tags(node.tags),
        country_code=None if address is None else optional_text(address.country_code_v2),
        number_of_orders=int(node.number_of_orders),
        amount_spent=exact_amount(node.amount_spent.amount, currency),
        currency_code=currency,
    )
