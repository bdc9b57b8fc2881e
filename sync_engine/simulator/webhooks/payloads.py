"""What a webhook says: the REST shape of the record as it is when its action is complete.

Since 2025-01 payloads about customers lack tags, marketing consents and what orders add up to.
Products list every variant in `variant_gids`, and of `variants` the hundred that changed last,
without what belongs to their inventory items.

Source: shopify.dev, webhook topics with their sample payloads; changelog of 2025-01-01 ("changes to
existing customer's webhooks payload").
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from msgspec import structs

from sync_engine.simulator.events import ShopEvent
from sync_engine.simulator.gids import gid
from sync_engine.simulator.records.product import Product
from sync_engine.simulator.rest_api.customer_json import customer_json
from sync_engine.simulator.rest_api.order_json import order_json
from sync_engine.simulator.rest_api.product_json import MAX_VARIANTS, product_json
from sync_engine.simulator.rest_api.refund_json import refund_json
from sync_engine.simulator.rest_api.scalars import Writer
from sync_engine.simulator.rest_api.shop_json import shop_json
from sync_engine.simulator.shop import SimulatedShop

Payload = dict[str, Any]

_NOT_OF_CUSTOMERS = frozenset(
    {
        "email_marketing_consent",
        "last_order_id",
        "orders_count",
        "sms_marketing_consent",
        "tags",
        "total_spent",
    }
)
_NOT_OF_VARIANTS = frozenset(
    {
        "fulfillment_service",
        "grams",
        "inventory_management",
        "requires_shipping",
        "weight",
        "weight_unit",
    }
)


def payload(event: ShopEvent, shop: SimulatedShop) -> Payload | None:
    """The payload of an event, or None if its record is gone before it could be told."""
    if event.detail is not None and event.topic not in _BY_TOPIC:
        return dict(event.detail)
    write = _BY_TOPIC.get(event.topic) or _BY_RESOURCE[event.resource]
    return write(event, shop)


def _order(event: ShopEvent, shop: SimulatedShop) -> Payload | None:
    index = shop.ids.orders.index_of(event.id)
    order = None if index is None else shop.order_set.get(index)
    if order is None:
        return None
    shown = order_json(order, shop, Writer(shop.spec.timezone))
    if shown["customer"] is not None:
        shown["customer"] = _without(shown["customer"], _NOT_OF_CUSTOMERS)
    return shown


def _refund(event: ShopEvent, shop: SimulatedShop) -> Payload | None:
    index = shop.ids.orders.index_of(event.id)
    order = None if index is None else shop.order_set.get(index)
    if order is None or not order.refunds:
        return None
    return refund_json(order.refunds[-1], Writer(shop.spec.timezone))


def _customer(event: ShopEvent, shop: SimulatedShop) -> Payload | None:
    index = shop.ids.customers.index_of(event.id)
    customer = None if index is None else shop.customer_set.get(index)
    if customer is None:
        return None
    shown = customer_json(shop.with_history(customer), Writer(shop.spec.timezone))
    return _without(shown, _NOT_OF_CUSTOMERS)


def _product(event: ShopEvent, shop: SimulatedShop) -> Payload | None:
    index = shop.ids.products.index_of(event.id)
    product = None if index is None else shop.product_set.get(index)
    if product is None:
        return None
    shown = product_json(product, Writer(shop.spec.timezone))
    if len(product.variants) > MAX_VARIANTS:
        shown["variants"] = _latest_variants(product, shop)
    return {
        **shown,
        "variants": [_without(variant, _NOT_OF_VARIANTS) for variant in shown["variants"]],
        "media": [],
        "variant_gids": [
            {
                "admin_graphql_api_id": gid("ProductVariant", variant.id),
                "updated_at": _milliseconds(variant.updated_at),
            }
            for variant in product.variants
        ],
        "has_variants_that_requires_components": False,
        "category": None,
    }


def _latest_variants(product: Product, shop: SimulatedShop) -> list[Payload]:
    latest = sorted(product.variants, key=lambda v: v.updated_at, reverse=True)[:MAX_VARIANTS]
    some = structs.replace(product, variants=tuple(latest))
    shown: list[Payload] = product_json(some, Writer(shop.spec.timezone))["variants"]
    return shown


def _merged(event: ShopEvent, _shop: SimulatedShop) -> Payload:
    removed = (event.detail or {})["removed_id"]
    return {
        "admin_graphql_api_customer_kept_id": gid("Customer", event.id),
        "admin_graphql_api_customer_deleted_id": gid("Customer", removed),
        "admin_graphql_api_job_id": None,
        "status": "completed",
        "errors": [],
    }


def _deleted_customer(event: ShopEvent, _shop: SimulatedShop) -> Payload:
    return {
        "id": event.id,
        "tax_exemptions": [],
        "admin_graphql_api_id": gid("Customer", event.id),
    }


def _deleted(event: ShopEvent, _shop: SimulatedShop) -> Payload:
    return {"id": event.id}


def _shop(event: ShopEvent, shop: SimulatedShop) -> Payload:
    return shop_json(shop.profile, Writer(shop.spec.timezone), event.at)


def _without(shown: Payload, names: frozenset[str]) -> Payload:
    return {name: value for name, value in shown.items() if name not in names}


def _milliseconds(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_Write = Callable[[ShopEvent, SimulatedShop], Payload | None]

_BY_TOPIC: Mapping[str, _Write] = MappingProxyType(
    {
        "app/uninstalled": _shop,
        "customers/delete": _deleted_customer,
        "customers/merge": _merged,
        "orders/delete": _deleted,
        "products/delete": _deleted,
    }
)
_BY_RESOURCE: Mapping[str, _Write] = MappingProxyType(
    {
        "customer": _customer,
        "order": _order,
        "product": _product,
        "refund": _refund,
        "shop": _shop,
    }
)
