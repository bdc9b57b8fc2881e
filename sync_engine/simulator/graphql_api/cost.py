"""What a query costs: requested before it runs, actual afterwards.

- a scalar or an enumeration is free, an object costs 1, a mutation 10
- an interface or union costs the most that any of its possible types would
- a connection costs 2 + (cost of a node) * floor(2 ln(max(2, n))), n being `first` or `last`;
  edges and `pageInfo` are free
- `nodes(ids:)` costs its node for each id
- some value objects are free (`pageInfo`, `unitCost`, `billingAddress`)

Assumptions where nothing is published: a list that is no connection costs as much as one of its
objects; the actual cost is the same formula over what came back (n is the number of nodes returned,
a node costs as much as the dearest of them, null costs nothing), so it never exceeds the requested.

Source: shopify.dev, "GraphQL Admin API rate limits"; the connection formula from an answer of
Shopify's staff (community.shopify.dev/t/24364), checked against costs of real answers.
"""

from collections.abc import Iterator, Mapping
from math import floor, log
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)
from graphql.execution.values import VariableValues, get_argument_values
from msgspec import Struct

from sync_engine.simulator.graphql_api.selections import (
    SelectionReader,
    Selections,
    children_of,
    possible_types,
)

MAX_QUERY_COST = 1000
MUTATION_COST = 10

_FREE_TYPES = frozenset({"PageInfo"})
_FREE_FIELDS = frozenset({("InventoryItem", "unitCost"), ("Order", "billingAddress")})


def connection_factor(size: int) -> int:
    """How often a connection of this page size counts its node."""
    return floor(2 * log(max(2, size)))


class CostNode(Struct, frozen=True, kw_only=True):
    """The cost of one selected field.

    Attributes:
        own: What an object of it costs without its children; 0 for a connection.
        children: Of a connection: the ways to its nodes (`nodes`, `edges.node`).
        size: Page size of a connection, or number of ids; None for plain objects and lists.
        is_fixed: The actual cost of a value is the requested one, whatever is in it.
        is_required: There always is a value.
    """

    key: str
    own: int
    children: tuple["CostNode", ...]
    size: int | None = None
    is_connection: bool = False
    is_fixed: bool = False
    is_required: bool = False

    @property
    def each(self) -> int:
        """Cost of one object, or of one node by all ways, with its children."""
        return self.own + sum(child.requested for child in self.children)

    @property
    def requested(self) -> int:
        """Cost before the query runs."""
        if self.is_connection:
            return 2 if self.size is None else 2 + self.each * connection_factor(self.size)
        return self.each if self.size is None else self.each * self.size

    def actual(self, value: Any) -> int:
        """Cost of what came back."""
        if value is None:
            return 0
        if self.is_connection:
            return 2 + sum(_nodes_cost(way, value) for way in self.children)
        if isinstance(value, list):
            costs = [self.actual_object(item) for item in value]
            return sum(costs) if self.size is not None else max(costs, default=0)
        return self.actual_object(value)

    def actual_object(self, value: Any) -> int:
        """Cost of one object that came back."""
        if value is None:
            return 0
        if self.is_fixed:
            return self.each
        return self.own + sum(child.actual(value.get(child.key)) for child in self.children)


def _nodes_cost(way: CostNode, connection: Mapping[str, Any]) -> int:
    outer, _, inner = way.key.partition(".")
    items = connection.get(outer) or []
    nodes = [item.get(inner) for item in items] if inner else items
    if not nodes:
        return 0
    return max(map(way.actual_object, nodes)) * connection_factor(len(nodes))


class QueryCost(Struct, frozen=True):
    """The cost of a whole operation."""

    roots: tuple[CostNode, ...]
    is_mutation: bool

    @property
    def requested(self) -> int:
        """Cost before the operation runs."""
        return sum(root.requested for root in self.roots)

    def actual(self, data: Mapping[str, Any] | None) -> int:
        """Cost of what came back."""
        if self.is_mutation:
            return self.requested
        if data is None:
            return 0
        return min(self.requested, sum(root.actual(data.get(root.key)) for root in self.roots))

    def fields(self) -> list[dict[str, Any]]:
        """Cost by field, as the debug header asks for it."""
        found: list[dict[str, Any]] = []
        for root in self.roots:
            found.extend(_field_costs(root, ()))
        return found


def query_cost(
    reader: SelectionReader,
    root_type: GraphQLObjectType,
    selections: Selections,
    variables: VariableValues,
    *,
    is_mutation: bool,
) -> QueryCost:
    """Measure an operation."""
    if is_mutation:
        fields = reader.fields(selections, root_type)
        roots = [CostNode(key=key, own=MUTATION_COST, children=()) for key in fields]
        return QueryCost(tuple(roots), is_mutation=True)
    meter = _Meter(reader, variables)
    return QueryCost(tuple(meter.children(root_type, selections)), is_mutation=False)


class _Meter:
    def __init__(self, reader: SelectionReader, variables: VariableValues) -> None:
        self._reader = reader
        self._variables = variables

    def children(self, type_: GraphQLObjectType, selections: Selections) -> Iterator[CostNode]:
        for key, nodes in self._reader.fields(selections, type_).items():
            node = self._field(key, type_, nodes)
            if node is not None:
                yield node

    def _field(
        self, key: str, parent: GraphQLObjectType, nodes: list[FieldNode]
    ) -> CostNode | None:
        name = nodes[0].name.value
        definition = parent.fields.get(name)
        named = None if definition is None else get_named_type(definition.type)
        if definition is None or named is None or named.name in _FREE_TYPES:
            return None
        below = children_of(nodes)
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            dearest = self._dearest(key, named, below)
            if (parent.name, name) != ("QueryRoot", "nodes"):
                return dearest
            size = len(get_argument_values(definition, nodes[0], self._variables)["ids"])
            return CostNode(key=key, own=dearest.own, children=dearest.children, size=size)
        if not isinstance(named, GraphQLObjectType):
            return None
        if "edges" in named.fields and named.name.endswith("Connection"):
            arguments = get_argument_values(definition, nodes[0], self._variables)
            first = arguments.get("first")
            page = arguments.get("last") if first is None else first
            return self._connection(key, named, below, page)
        return self._plain(
            key, definition, named, below, is_free=(parent.name, name) in _FREE_FIELDS
        )

    def _plain(
        self,
        key: str,
        definition: GraphQLField,
        type_: GraphQLObjectType,
        selections: Selections,
        *,
        is_free: bool,
    ) -> CostNode:
        node = self._object(key, type_, selections)
        is_required = isinstance(definition.type, GraphQLNonNull)
        is_list = isinstance(definition.type, GraphQLNonNull) and isinstance(
            definition.type.of_type, GraphQLList
        )
        return CostNode(
            key=key,
            own=0 if is_free else 1,
            children=node.children,
            is_fixed=all(child.is_fixed and child.is_required for child in node.children),
            is_required=is_required and not is_list,
        )

    def _object(self, key: str, type_: GraphQLObjectType, selections: Selections) -> CostNode:
        children = tuple(self.children(type_, selections))
        return CostNode(key=key, own=1, children=children)

    def _connection(
        self, key: str, type_: GraphQLObjectType, selections: Selections, size: int | None
    ) -> CostNode:
        ways: list[CostNode] = []
        edge_type = get_named_type(type_.fields["edges"].type)
        node_type = get_named_type(type_.fields["nodes"].type)
        for outer, nodes in self._reader.fields(selections, type_).items():
            if nodes[0].name.value == "nodes":
                ways.append(self._dearest(outer, node_type, children_of(nodes)))
            if nodes[0].name.value == "edges" and isinstance(edge_type, GraphQLObjectType):
                edges = self._reader.fields(children_of(nodes), edge_type)
                ways += [
                    self._dearest(f"{outer}.{inner}", node_type, children_of(found))
                    for inner, found in edges.items()
                    if found[0].name.value == "node"
                ]
        return CostNode(key=key, own=0, children=tuple(ways), size=size, is_connection=True)

    def _dearest(self, key: str, type_: object, selections: Selections) -> CostNode:
        candidates = [
            self._object(key, candidate, selections) for candidate in _objects(self._reader, type_)
        ]
        return max(candidates, key=lambda node: node.each)


def _objects(reader: SelectionReader, type_: object) -> list[GraphQLObjectType]:
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
        return list(possible_types(reader.schema, type_))
    return []


def _field_costs(node: CostNode, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    here = (*path, node.key)
    yield {
        "path": list(here),
        "definedCost": 2 if node.is_connection else node.own,
        "requestedTotalCost": node.requested,
        "requestedChildrenCost": sum(child.requested for child in node.children),
    }
    for child in node.children:
        yield from _field_costs(child, here)
