"""What unapproved apps do not get to see of customers.

Source: shopify.dev, "Work with protected customer data": level 1 is all data of customers, level 2
their names, addresses, phone numbers and e-mail addresses, each of which is asked for on its own.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct

FIELDS = frozenset({"name", "address", "phone", "email"})

_KEYS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "name": frozenset({"first_name", "last_name"}),
        "address": frozenset(
            {"addresses", "billing_address", "default_address", "shipping_address"}
        ),
        "phone": frozenset({"phone"}),
        "email": frozenset({"contact_email", "email"}),
    }
)


class Approval(Struct, frozen=True, kw_only=True):
    """What Shopify lets an app know of customers.

    Attributes:
        has_customers: Level 1: any data of customers and orders.
        fields: Of level 2, out of `FIELDS`.
    """

    has_customers: bool = True
    fields: frozenset[str] = FIELDS

    @property
    def is_whole(self) -> bool:
        """Whether nothing is kept back."""
        return self.has_customers and self.fields >= FIELDS


def without_protected(shown: dict[str, Any], approval: Approval) -> dict[str, Any]:
    """A payload without the fields that the app is not approved for."""
    if approval.is_whole:
        return shown
    hidden = frozenset().union(*(_KEYS[f] for f in FIELDS - approval.fields))
    return {
        name: without_protected(value, approval) if name == "customer" and value else value
        for name, value in shown.items()
        if name not in hidden
    }
