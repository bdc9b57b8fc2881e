"""Shopify's access scopes: which of those that are needed a shop's grant covers.

Source: shopify.dev, "Shopify API access scopes" and "Authenticate a standalone or API-only app":
leave to write is leave to read. For orders older than 60 days there is leave to read alone.
"""

from collections.abc import Collection

READ_ALL_ORDERS = "read_all_orders"


def covers(granted: Collection[str], scope: str) -> bool:
    """Whether what was granted includes a scope, by its name or because writing implies reading."""
    if scope in granted:
        return True
    verb, _, what = scope.partition("_")
    return verb == "read" and scope != READ_ALL_ORDERS and f"write_{what}" in granted


def missing_scopes(needed: Collection[str], granted: Collection[str]) -> frozenset[str]:
    """Return those of the scopes that what was granted does not include."""
    return frozenset(scope for scope in needed if not covers(granted, scope))
