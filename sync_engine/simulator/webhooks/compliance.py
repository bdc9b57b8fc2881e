"""What the three mandatory privacy topics say.

Source: shopify.dev, "Privacy law compliance".
"""

from typing import Any

from sync_engine.simulator.shop import SimulatedShop
from sync_engine.simulator.webhooks.topics import COMPLIANCE_TOPICS

_REQUEST = 9_900_000_000


def compliance_detail(topic: str, shop: SimulatedShop, customer_id: int | None) -> dict[str, Any]:
    """The payload of a compliance topic.

    Raises:
        LookupError: There is no such topic, or no such customer.
    """
    if topic not in COMPLIANCE_TOPICS:
        raise LookupError(topic)
    about: dict[str, Any] = {"shop_id": shop.ids.shop, "shop_domain": shop.spec.domain}
    if topic == "shop/redact":
        return about
    index = None if customer_id is None else shop.ids.customers.index_of(customer_id)
    customer = None if index is None else shop.customer_set.get(index)
    if customer is None:
        message = f"no customer {customer_id}"
        raise LookupError(message)
    orders = [shop.order(place).id for place in shop.orders_of(customer.index)]
    about["customer"] = {
        "id": customer.id,
        "email": customer.email,
        "phone": customer.phone,
    }
    if topic == "customers/redact":
        return {**about, "orders_to_redact": orders}
    return {**about, "orders_requested": orders, "data_request": {"id": _REQUEST + customer.index}}
