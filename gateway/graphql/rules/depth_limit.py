"""Limits how deep a document nests, because each level may multiply the work."""

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

_MAX_DEPTH = 15


class DepthLimit(ValidationRule):
    """Refuses operations whose fields nest deeper than the limit; introspection is not counted.

    Every fragment is measured once, so that fragments that spread each other cost nothing extra.
    """

    def __init__(self, context: ValidationContext) -> None:
        """Begin with a document."""
        super().__init__(context)
        self._fragments: dict[str, FragmentDefinitionNode] = {
            definition.name.value: definition
            for definition in context.document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._measured: dict[str, int] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_args: object) -> None:
        """Measure an operation."""
        depth = self._depth(node.selection_set)
        if depth > _MAX_DEPTH:
            message = f"The operation is {depth} levels deep: {_MAX_DEPTH} are allowed."
            self.report_error(GraphQLError(message, node))

    def _depth(self, selections: SelectionSetNode) -> int:
        deepest = 0
        for selection in selections.selections:
            if isinstance(selection, FragmentSpreadNode):
                depth = self._fragment_depth(selection.name.value)
            elif isinstance(selection, InlineFragmentNode):
                depth = self._depth(selection.selection_set)
            elif isinstance(selection, FieldNode) and not selection.name.value.startswith("__"):
                inner = selection.selection_set
                depth = 1 + (0 if inner is None else self._depth(inner))
            else:
                depth = 0
            deepest = max(deepest, depth)
        return deepest

    def _fragment_depth(self, name: str) -> int:
        if name not in self._measured:
            self._measured[name] = 0  # a circle ends here; another rule reports it
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._measured[name] = self._depth(fragment.selection_set)
        return self._measured[name]
