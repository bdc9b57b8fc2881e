"""How each resource's nodes are asked for and read, and what they become."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from sync_engine.model.records import Record
from sync_engine.model.sync_enums import Resource
from sync_engine.shopify.documents import Document, document
from sync_engine.shopify.mapping.customers import CustomerNode, customer_from_node
from sync_engine.shopify.mapping.nodes import Connection
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

NodeT = TypeVar("NodeT", bound=msgspec.Struct)
ChildT = TypeVar("ChildT", bound=msgspec.Struct)


class WholeProductNode(ProductNode, kw_only=True, rename="camel"):
    """A product with its first variants."""

    children: Connection[VariantNode]


class WholeOrderNode(OrderNode, kw_only=True, rename="camel"):
    """An order with its first lines."""

    children: Connection[LineItemNode]


class Parent(msgspec.Struct, Generic[ChildT]):
    """A record of which only children are asked for."""

    children: Connection[ChildT]


class MoreChildren(msgspec.Struct, Generic[ChildT]):
    """The answer that holds them."""

    nodes: list[Parent[ChildT] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFormat(Generic[NodeT]):
    """Documents and decoders of one resource.

    ``more_children`` asks for children beyond the first page, ``more_answer`` is what it gives;
    both are None for a resource without any. ``to_record`` takes all of the children and the shop's
    currency, and raises ValueError for what cannot become a record.
    """

    type_name: str
    page: Document
    by_id: Document
    decoder: msgspec.json.Decoder[NodeT]
    to_record: Callable[[NodeT, Sequence[Any], str], Record]
    more_children: Document | None = None
    more_answer: type[MoreChildren[Any]] | None = None


def node_format(resource: Resource) -> NodeFormat[Any]:
    """Return the format of a resource's nodes."""
    match resource:
        case Resource.CUSTOMERS:
            return NodeFormat(
                type_name="Customer",
                page=document("customers_page"),
                by_id=document("customers_by_id"),
                decoder=msgspec.json.Decoder(CustomerNode),
                to_record=_customer,
            )
        case Resource.PRODUCTS:
            return NodeFormat(
                type_name="Product",
                page=document("products_page"),
                by_id=document("products_by_id"),
                decoder=msgspec.json.Decoder(WholeProductNode),
                to_record=_product,
                more_children=document("more_variants"),
                more_answer=MoreChildren[VariantNode],
            )
        case Resource.ORDERS:
            return NodeFormat(
                type_name="Order",
                page=document("orders_page"),
                by_id=document("orders_by_id"),
                decoder=msgspec.json.Decoder(WholeOrderNode),
                to_record=_order,
                more_children=document("more_line_items"),
                more_answer=MoreChildren[LineItemNode],
            )


def _customer(node: CustomerNode, _children: Sequence[Any], currency: str) -> Record:
    return customer_from_node(node, currency)


def _product(node: WholeProductNode, children: Sequence[VariantNode], currency: str) -> Record:
    variants = [variant_from_node(child, currency) for child in children]
    return product_from_node(node, variants, currency)


def _order(node: WholeOrderNode, children: Sequence[LineItemNode], _currency: str) -> Record:
    return order_from_node(node, [line_item_from_node(x, node.currency_code) for x in children])
