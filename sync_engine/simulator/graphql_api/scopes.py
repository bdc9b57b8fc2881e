"""Which access scope a field needs.

By the type that it returns: whoever may not read customers gets no customer, however the query
reaches for one.

Source: descriptions of Order, Customer, Product and others in the Admin API ("Requires
`read_orders` access scope"), and shopify.dev, "Shopify API access scopes".
"""

_BY_TYPE = {
    "Customer": "read_customers",
    "Order": "read_orders",
    "Product": "read_products",
    "ProductVariant": "read_products",
    "Refund": "read_orders",
}
_BY_FIELD = {
    ("QueryRoot", "customersCount"): "read_customers",
    ("QueryRoot", "ordersCount"): "read_orders",
    ("QueryRoot", "productsCount"): "read_products",
}


def required_scope(parent: str, field: str, named_type: str) -> str | None:
    """The scope that a field needs, if it needs any."""
    scope = _BY_FIELD.get((parent, field))
    return scope or scope_of_type(named_type.removesuffix("Connection"))


def scope_of_type(type_name: str) -> str | None:
    """The scope that reading any object of a type needs."""
    return _BY_TYPE.get(type_name)
