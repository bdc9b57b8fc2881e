"""The topics of Shopify's that may come to us, as the header of a webhook spells them."""

WEBHOOK_TOPICS = frozenset(
    {
        "app/scopes_update",
        "app/uninstalled",
        "bulk_operations/finish",
        "customers/create",
        "customers/data_request",
        "customers/delete",
        "customers/disable",
        "customers/enable",
        "customers/merge",
        "customers/redact",
        "customers/update",
        "orders/cancelled",
        "orders/create",
        "orders/delete",
        "orders/edited",
        "orders/fulfilled",
        "orders/paid",
        "orders/partially_fulfilled",
        "orders/updated",
        "products/create",
        "products/delete",
        "products/update",
        "refunds/create",
        "shop/redact",
        "shop/update",
    }
)
"""Any other is Shopify's business, or a forger's."""
