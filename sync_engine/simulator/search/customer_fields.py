"""What customers can be searched by.

`updated_at` tells whole days apart and nothing finer, as its documentation says in every version
from 2025-10 to 2026-10.

Source: `query` arguments of QueryRoot.customers and QueryRoot.customersCount in the Admin API.
"""

from typing import TYPE_CHECKING

from sync_engine.simulator.search.field_kinds import (
    BooleanField,
    Candidate,
    NumberField,
    SearchTable,
    TextField,
    TimeField,
)
from sync_engine.simulator.shop import SimulatedShop

if TYPE_CHECKING:
    from sync_engine.simulator.records.customer import Customer


def customer_table(shop: SimulatedShop) -> SearchTable:
    """The search fields of a shop's customers."""
    customers = shop.customer_set
    return SearchTable(
        name="customers",
        fields={
            "id": NumberField(lambda c: shop.ids.customers.id_of(c.index)),
            "customer_date": TimeField(
                read=lambda c: customers.created_at_seconds(c.index), window="created"
            ),
            "updated_at": TimeField(
                read=lambda c: customers.updated_at_seconds(c.index),
                window="updated",
                is_whole_day=True,
            ),
            "order_date": TimeField(read=lambda c: _last_order_seconds(shop, c.index)),
            "email": TextField(read=lambda c: (c.record.email,)),
            "first_name": TextField(read=lambda c: (c.record.first_name,), is_tokenized=True),
            "last_name": TextField(read=lambda c: (c.record.last_name,), is_tokenized=True),
            "phone": TextField(read=lambda c: (c.record.phone,)),
            "state": TextField(read=lambda c: (c.record.state,)),
            "tag": TextField(read=lambda c: c.record.tags),
            "country": TextField(read=_countries),
            "orders_count": NumberField(lambda c: int(c.record.number_of_orders)),
            "total_spent": NumberField(lambda c: c.record.amount_spent.amount),
            "accepts_marketing": BooleanField(
                lambda c: c.record.email is not None and c.record.email_marketing == "SUBSCRIBED"
            ),
        },
        unsimulated=frozenset({"last_abandoned_order_date"}),
        default=TextField(read=_words, is_tokenized=True),
    )


def customer_count_table(shop: SimulatedShop) -> SearchTable:
    """The fewer fields that customersCount knows; its times are exact."""
    customers = shop.customer_set
    full = customer_table(shop)
    return SearchTable(
        name="customersCount",
        fields={
            "id": full.fields["id"],
            "created_at": TimeField(
                read=lambda c: customers.created_at_seconds(c.index), window="created"
            ),
            "updated_at": TimeField(
                read=lambda c: customers.updated_at_seconds(c.index), window="updated"
            ),
        },
        unsimulated=frozenset(),
        default=full.default,
    )


def _last_order_seconds(shop: SimulatedShop, customer: int) -> int | None:
    orders = shop.orders_of(customer)
    return shop.order_set.created_at_seconds(orders[-1]) if orders else None


def _countries(candidate: Candidate) -> tuple[str, ...]:
    customer: Customer = candidate.record
    address = customer.default_address
    return () if address is None else (address.country, address.country_code)


def _words(candidate: Candidate) -> tuple[str | None, ...]:
    customer: Customer = candidate.record
    return (customer.display_name, customer.email, customer.phone, *customer.tags)
