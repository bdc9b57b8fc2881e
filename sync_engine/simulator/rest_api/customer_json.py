"""The REST Customer resource.

Source: shopify.dev, REST Admin API reference, Customer.
"""

from typing import Any

from sync_engine.simulator.gids import gid
from sync_engine.simulator.graphql_api.types.money_types import fixed_text
from sync_engine.simulator.records.address import Address
from sync_engine.simulator.records.customer import Customer
from sync_engine.simulator.rest_api.scalars import Writer, address_json


def customer_json(customer: Customer, write: Writer) -> dict[str, Any]:
    """A customer with what its orders add up to."""
    return {
        **_identity(customer, write),
        "orders_count": customer.number_of_orders,
        "total_spent": fixed_text(customer.amount_spent),
        "last_order_id": customer.last_order_id,
        "tags": ", ".join(customer.tags),
        "currency": customer.amount_spent.currency.code,
        "addresses": [_address(customer, a) for a in customer.addresses],
        "email_marketing_consent": _email_consent(customer, write),
        "sms_marketing_consent": _sms_consent(customer),
        "default_address": _default_address(customer),
    }


def order_customer_json(customer: Customer, write: Writer) -> dict[str, Any]:
    """A customer as it stands in an order: without what its orders add up to."""
    return {
        **_identity(customer, write),
        "tags": ", ".join(customer.tags),
        "currency": customer.amount_spent.currency.code,
        "default_address": _default_address(customer),
    }


def _identity(customer: Customer, write: Writer) -> dict[str, Any]:
    return {
        "id": customer.id,
        "created_at": write.moment(customer.created_at),
        "updated_at": write.moment(customer.updated_at),
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "state": customer.state.lower(),
        "note": customer.note,
        "verified_email": customer.is_email_verified,
        "multipass_identifier": None,
        "tax_exempt": customer.is_tax_exempt,
        "email": customer.email,
        "phone": customer.phone,
        "tax_exemptions": [],
        "admin_graphql_api_id": gid("Customer", customer.id),
    }


def _address(customer: Customer, address: Address) -> dict[str, Any]:
    fields = address_json(address)
    del fields["latitude"], fields["longitude"]
    return {
        "id": address.id,
        "customer_id": customer.id,
        **fields,
        "country_name": address.country,
        "default": address == customer.default_address,
    }


def _default_address(customer: Customer) -> dict[str, Any] | None:
    address = customer.default_address
    return None if address is None else _address(customer, address)


def _email_consent(customer: Customer, write: Writer) -> dict[str, Any] | None:
    if customer.email is None:
        return None
    return {
        "state": customer.email_marketing.lower(),
        "opt_in_level": None if customer.marketing_updated_at is None else "single_opt_in",
        "consent_updated_at": write.moment(customer.marketing_updated_at),
    }


def _sms_consent(customer: Customer) -> dict[str, Any] | None:
    if customer.phone is None:
        return None
    return {
        "state": customer.sms_marketing.lower(),
        "opt_in_level": "single_opt_in",
        "consent_updated_at": None,
        "consent_collected_from": "OTHER",
    }
