"""How the lines of each resource's export are read: which shapes they have, what they become."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from sync_engine.model.records import Child, Customer, Order, Product, Record
from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.mapping.customers import CustomerNode, customer_from_node
from sync_engine.shopify.mapping.orders import (
    LineItemNode,
    OrderNode,
    line_item_from_node,
    order_from_node,
)
from sync_engine.shopify.mapping.products import (
    ProductNode,
    VariantNode,
    product_from_node,
    variant_from_node,
)

RootT = TypeVar("RootT", bound=msgspec.Struct)
ChildT = TypeVar("ChildT", bound=msgspec.Struct)


class VariantLine(VariantNode, gc=False, rename="camel"):
    """A variant on a line of its own."""

    parent_id: str = msgspec.field(name="__parentId", default="")


class LineItemLine(LineItemNode, gc=False, rename="camel"):
    """A line item on a line of its own."""

    parent_id: str = msgspec.field(name="__parentId", default="")


class ChildlessLine(msgspec.Struct, gc=False):
    """Stands for the children of a resource that has none."""

    parent_id: str = msgspec.field(name="__parentId")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat(Generic[RootT, ChildT]):
    """Decoders for both kinds of lines, and the way from nodes to records.

    ``to_record`` and ``to_child`` raise ValueError for what cannot become a record; their last
    argument is the shop's currency.
    """

    root: msgspec.json.Decoder[RootT]
    child: msgspec.json.Decoder[ChildT]
    to_record: Callable[[RootT, Sequence[Child], str], Record]
    to_child: Callable[[ChildT, str], Child]


def export_format(resource: Resource) -> ExportFormat[Any, Any]:
    """Return the format of a resource's export."""
    match resource:
        case Resource.CUSTOMERS:
            return ExportFormat(
                root=msgspec.json.Decoder(CustomerNode),
                child=msgspec.json.Decoder(ChildlessLine),
                to_record=_customer,
                to_child=_no_child,
            )
        case Resource.PRODUCTS:
            return ExportFormat(
                root=msgspec.json.Decoder(ProductNode),
                child=msgspec.json.Decoder(VariantLine),
                to_record=_product,
                to_child=variant_from_node,
            )
        case Resource.ORDERS:
            return ExportFormat(
                root=msgspec.json.Decoder(OrderNode),
                child=msgspec.json.Decoder(LineItemLine),
                to_record=_order,
                to_child=line_item_from_node,
            )


def _customer(node: CustomerNode, _children: Sequence[Any], currency: str) -> Customer:
    return customer_from_node(node, currency)


def _no_child(_line: ChildlessLine, _currency: str) -> Child:
    message = "a customer's export has no child lines"
    raise ValueError(message)


def _product(node: ProductNode, children: Sequence[Any], currency: str) -> Product:
    return product_from_node(node, children, currency)


def _order(node: OrderNode, children: Sequence[Any], _currency: str) -> Order:
    return order_from_node(node, children)
