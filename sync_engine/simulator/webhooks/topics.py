"""The topics that the simulator fires, with the scope that each of them needs.

Source: WebhookSubscriptionTopic in the Admin API; shopify.dev, webhook topics, and "Privacy law
compliance" for the three that only an app's configuration can subscribe to.
"""

from collections.abc import Mapping
from types import MappingProxyType

COMPLIANCE_TOPICS = frozenset({"customers/data_request", "customers/redact", "shop/redact"})

_ORDERS = "read_orders"
_CUSTOMERS = "read_customers"
_PRODUCTS = "read_products"
_SCOPES: Mapping[str, str | None] = MappingProxyType(
    {
        "app/scopes_update": None,
        "app/uninstalled": None,
        "bulk_operations/finish": None,
        "customers/create": _CUSTOMERS,
        "customers/delete": _CUSTOMERS,
        "customers/merge": "read_customer_merge",
        "customers/update": _CUSTOMERS,
        "orders/cancelled": _ORDERS,
        "orders/create": _ORDERS,
        "orders/delete": _ORDERS,
        "orders/edited": _ORDERS,
        "orders/fulfilled": _ORDERS,
        "orders/paid": _ORDERS,
        "orders/partially_fulfilled": _ORDERS,
        "orders/updated": _ORDERS,
        "products/create": _PRODUCTS,
        "products/delete": _PRODUCTS,
        "products/update": _PRODUCTS,
        "refunds/create": _ORDERS,
        "shop/update": None,
    }
)
_PROTECTED_PREFIXES = ("customers/", "orders/", "refunds/")

KNOWN_TOPICS = COMPLIANCE_TOPICS | frozenset(_SCOPES)


def topic_of(enumerated: str) -> str:
    """`orders/updated` for `ORDERS_UPDATED`; topics that never fire keep their name."""
    return _BY_NAME.get(enumerated, enumerated)


def scope_of_topic(topic: str) -> str | None:
    """The scope that a topic needs, if it needs any."""
    return _SCOPES.get(topic)


def is_protected(topic: str) -> bool:
    """Whether a topic tells of customers, so that an app needs approval for it.

    Source: shopify.dev, "Work with protected customer data".
    """
    return topic.startswith(_PROTECTED_PREFIXES) and topic not in COMPLIANCE_TOPICS


_BY_NAME = MappingProxyType({topic.replace("/", "_").upper(): topic for topic in _SCOPES})
