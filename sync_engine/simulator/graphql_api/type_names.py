"""Tells the GraphQL type of a value behind an interface or a union."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sync_engine.simulator.bulk.operation import Snapshot
from sync_engine.simulator.graphql_api.types.line_types import Percentage
from sync_engine.simulator.graphql_api.types.product_types import InventoryItem
from sync_engine.simulator.graphql_api.types.shop_types import App, Deletion, Domain, Installation
from sync_engine.simulator.records.address import Address
from sync_engine.simulator.records.customer import Customer
from sync_engine.simulator.records.lazy import LazyRecord
from sync_engine.simulator.records.line_item import DiscountApplication, LineItem
from sync_engine.simulator.records.money import Money
from sync_engine.simulator.records.order import Order
from sync_engine.simulator.records.product import Product, ProductVariant
from sync_engine.simulator.records.refund import OrderTransaction, Refund
from sync_engine.simulator.records.shop_profile import ShopProfile
from sync_engine.simulator.webhooks.subscriptions import WebhookSubscription

_BY_CLASS: Mapping[type, str] = MappingProxyType(
    {
        App: "App",
        Customer: "Customer",
        Deletion: "BasicEvent",
        Domain: "Domain",
        Installation: "AppInstallation",
        InventoryItem: "InventoryItem",
        LineItem: "LineItem",
        Money: "MoneyV2",
        Order: "Order",
        OrderTransaction: "OrderTransaction",
        Percentage: "PricingPercentageValue",
        Product: "Product",
        ProductVariant: "ProductVariant",
        Refund: "Refund",
        ShopProfile: "Shop",
        Snapshot: "BulkOperation",
        WebhookSubscription: "WebhookSubscription",
    }
)
_DISCOUNTS: Mapping[str, str] = MappingProxyType(
    {
        "AUTOMATIC": "AutomaticDiscountApplication",
        "DISCOUNT_CODE": "DiscountCodeApplication",
        "MANUAL": "ManualDiscountApplication",
        "SCRIPT": "ScriptDiscountApplication",
    }
)


def type_name_of(value: Any) -> str:
    """The name of the object type that a value has."""
    if isinstance(value, LazyRecord):
        return value.type_name
    if isinstance(value, DiscountApplication):
        return _DISCOUNTS[value.kind]
    if isinstance(value, Address):
        return "ShopAddress" if value.model_name == "ShopAddress" else "MailingAddress"
    return _BY_CLASS[type(value)]
