"""Reads selection sets: fragments spread, directives applied, equal response keys merged."""

from collections.abc import Iterable, Sequence

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
)
from graphql.execution.values import VariableValues, get_directive_values

Selections = Sequence[SelectionSetNode]


class SelectionReader:
    """Collects the fields that a document selects on a type."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: VariableValues
    ) -> None:
        self.schema = schema
        self._variables = variables
        self._fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }

    def fields(
        self, selections: Selections, object_type: GraphQLObjectType
    ) -> dict[str, list[FieldNode]]:
        """Field nodes by response key, for an object of this very type."""
        found: dict[str, list[FieldNode]] = {}
        for selection in selections:
            self._collect(selection.selections, object_type, found)
        return found

    def _collect(
        self,
        nodes: Iterable[SelectionNode],
        object_type: GraphQLObjectType,
        found: dict[str, list[FieldNode]],
    ) -> None:
        for node in nodes:
            if node.directives and not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                found.setdefault(key, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                if condition is None or self._applies(condition.name.value, object_type):
                    self._collect(node.selection_set.selections, object_type, found)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, object_type):
                    self._collect(fragment.selection_set.selections, object_type, found)

    def _is_included(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        if skip is not None and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return include is None or bool(include["if"])

    def _applies(self, condition: str, object_type: GraphQLObjectType) -> bool:
        if condition == object_type.name:
            return True
        abstract = self.schema.get_type(condition)
        return isinstance(abstract, GraphQLInterfaceType | GraphQLUnionType) and (
            self.schema.is_sub_type(abstract, object_type)
        )


def children_of(nodes: Iterable[FieldNode]) -> Selections:
    """The selection sets below field nodes."""
    return [node.selection_set for node in nodes if node.selection_set is not None]


def possible_types(
    schema: GraphQLSchema, type_: GraphQLObjectType | GraphQLAbstractType
) -> Sequence[GraphQLObjectType]:
    """The object types that a value of this type can have."""
    if isinstance(type_, GraphQLObjectType):
        return [type_]
    return schema.get_possible_types(type_)
