"""What an operation will cost before it runs: worked out once for a document, from its schema.

- a scalar is free, an object costs 1, a mutation 10 whatever it returns
- a connection costs 2 + (its node with all below) * floor(2 ln(max(2, first)))
- `pageInfo` and the wrapping `edges` are free
- any other list counts like a page, of `first` entries if it has that argument, else of ten
- introspection costs 10 for each root field

These are Shopify's prices, so that what its users know of them holds here. A second number, the
nodes that full pages would reach, bounds what the logarithm is kind to: lists inside lists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from math import floor, log
from typing import Any

from graphql import (
    ArgumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_operation_ast,
)
from graphql.language import DocumentNode

from gateway.graphql.errors import QueryTooComplexError

MUTATION_POINTS = 10
INTROSPECTION_POINTS = 10
CONNECTION_POINTS = 2
UNPAGED_LENGTH = 10
_SPARE_LENGTH = 250  # of a page whose size cannot be read, which execution will refuse

_FREE_TYPES = frozenset({"PageInfo"})


def page_factor(length: int) -> int:
    """Return how often a page of this length counts the cost of its node."""
    return floor(2 * log(max(2, length)))


class Shape(Enum):
    """What a field holds."""

    OBJECT = auto()
    LIST = auto()
    CONNECTION = auto()
    NODES = auto()
    EDGES = auto()


@dataclass(frozen=True, slots=True)
class PageSize:
    """The `first` of a connection: a number, or a variable with the number that it is if unset."""

    length: int
    variable: str | None = None

    def resolve(self, variables: Mapping[str, Any]) -> int:
        """Return the number for these variables."""
        given = self.length if self.variable is None else variables.get(self.variable, self.length)
        return given if type(given) is int and given >= 0 else _SPARE_LENGTH


@dataclass(frozen=True, slots=True)
class PlannedField:
    """A selected field that may cost something, under its name in the answer."""

    key: str
    shape: Shape
    own: int
    children: tuple["PlannedField", ...] = ()
    size: PageSize | None = None
    is_paged: bool = True
    """A list is as long as its `first` at most; otherwise its length is unknown before."""
    is_flat: bool = False
    """It costs its own whatever is in it. Most fields are, which is why it is asked first."""


@dataclass(frozen=True, slots=True)
class CostPlan:
    """All selected fields of an operation that may cost something."""

    fields: tuple[PlannedField, ...]
    type: OperationType


def plan_cost(
    document: DocumentNode, operation_name: str | None, schema: GraphQLSchema, *, max_fields: int
) -> CostPlan:
    """Return the plan of an operation of a document that is valid.

    Raises:
        QueryTooComplexError: with its fragments put in, it has more fields than are allowed.
    """
    operation = get_operation_ast(document, operation_name)
    assert operation is not None  # noqa: S101 - the library has found its type already
    root = schema.get_root_type(operation.operation)
    assert root is not None  # noqa: S101 - the document is valid
    if operation.operation is OperationType.MUTATION:
        names = _Planner(document, operation, max_fields).collect(operation.selection_set)
        fields = tuple(_flat(name, MUTATION_POINTS) for name in names)
        return CostPlan(fields, operation.operation)
    planner = _Planner(document, operation, max_fields)
    return CostPlan(planner.plan(root, [operation.selection_set]), operation.operation)


class _Planner:
    def __init__(
        self, document: DocumentNode, operation: OperationDefinitionNode, max_fields: int
    ) -> None:
        self._fragments: dict[str, FragmentDefinitionNode] = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._defaults = {
            definition.variable.name.value: definition.default_value
            for definition in operation.variable_definitions or ()
        }
        self._max_fields = max_fields
        self._seen_fields = 0

    def collect(self, *selections: SelectionSetNode) -> dict[str, list[FieldNode]]:
        """Return the selected fields by their name in the answer, fragments put in."""
        found: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        waiting = list(selections)
        while waiting:
            for node in waiting.pop().selections:
                if isinstance(node, FieldNode):
                    found.setdefault((node.alias or node.name).value, []).append(node)
                elif isinstance(node, InlineFragmentNode):
                    waiting.append(node.selection_set)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                    spread.add(node.name.value)
                    waiting.append(self._fragments[node.name.value].selection_set)
        self._seen_fields += len(found)
        if self._seen_fields > self._max_fields:
            raise QueryTooComplexError(
                f"The operation has more than {self._max_fields} fields with its fragments."
            )
        return found

    def plan(
        self, parent: GraphQLObjectType, selections: list[SelectionSetNode]
    ) -> tuple[PlannedField, ...]:
        planned = (
            self._field(key, parent, nodes) for key, nodes in self.collect(*selections).items()
        )
        return tuple(field for field in planned if field is not None)

    def _field(
        self, key: str, parent: GraphQLObjectType, nodes: list[FieldNode]
    ) -> PlannedField | None:
        name = nodes[0].name.value
        if name in {"__schema", "__type"}:
            return _flat(key, INTROSPECTION_POINTS)
        definition = parent.fields.get(name)
        named = None if definition is None else get_named_type(definition.type)
        if definition is None or not isinstance(named, GraphQLObjectType):
            return None
        if named.name in _FREE_TYPES:
            return None
        below = [node.selection_set for node in nodes if node.selection_set is not None]
        children = self.plan(named, below)
        if named.name.endswith("Connection"):
            return PlannedField(
                key, Shape.CONNECTION, CONNECTION_POINTS, children, self._size(definition, nodes[0])
            )
        if parent.name.endswith("Connection") and name in {"edges", "nodes"}:
            is_edges = name == "edges"
            shape = Shape.EDGES if is_edges else Shape.NODES
            return PlannedField(key, shape, 0 if is_edges else 1, children)
        shape = _list_or_object(definition)
        has_first = "first" in definition.args
        size = None
        if shape is Shape.LIST:
            size = self._size(definition, nodes[0]) if has_first else PageSize(UNPAGED_LENGTH)
        is_flat = shape is Shape.OBJECT and not children
        return PlannedField(key, shape, 1, children, size, has_first, is_flat)

    def _size(self, definition: GraphQLField, node: FieldNode) -> PageSize:
        length = _default_length(definition.args.get("first"))
        value = next((each for each in node.arguments or () if _is_first(each)), None)
        if value is None:
            return PageSize(length)
        if isinstance(value.value, IntValueNode):
            return PageSize(int(value.value.value))
        if isinstance(value.value, VariableNode):
            variable = value.value.name.value
            given = self._defaults.get(variable)
            if isinstance(given, IntValueNode):
                length = int(given.value)
            return PageSize(length, variable)
        return PageSize(_SPARE_LENGTH)


def _default_length(argument: GraphQLArgument | None) -> int:
    if argument is None:
        return _SPARE_LENGTH
    if isinstance(argument.default_value, int):  # as Strawberry declares it
        return argument.default_value
    literal = None if argument.default is None else argument.default.literal
    return int(literal.value) if isinstance(literal, IntValueNode) else _SPARE_LENGTH


def _flat(key: str, points: int) -> PlannedField:
    return PlannedField(key, Shape.OBJECT, points, is_flat=True)


def _is_first(argument: ArgumentNode) -> bool:
    return argument.name.value == "first"


def _list_or_object(definition: GraphQLField) -> Shape:
    kind = definition.type
    inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    return Shape.LIST if isinstance(inner, GraphQLList) else Shape.OBJECT
