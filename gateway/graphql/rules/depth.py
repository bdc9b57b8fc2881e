"""How deep operations nest: each level may multiply the work."""

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)


def deepest_level(document: DocumentNode) -> int:
    """Return the depth of the deepest operation; introspection is not counted."""
    meter = _DepthMeter(document)
    return max(
        (
            meter.depth(definition.selection_set)
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode)
        ),
        default=0,
    )


class _DepthMeter:
    """Measures every fragment once, so that fragments that spread each other cost nothing extra."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments: dict[str, FragmentDefinitionNode] = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._measured: dict[str, int] = {}

    def depth(self, selections: SelectionSetNode) -> int:
        deepest = 0
        for selection in selections.selections:
            if isinstance(selection, FragmentSpreadNode):
                depth = self._fragment_depth(selection.name.value)
            elif isinstance(selection, InlineFragmentNode):
                depth = self.depth(selection.selection_set)
            elif isinstance(selection, FieldNode) and not selection.name.value.startswith("__"):
                inner = selection.selection_set
                depth = 1 + (0 if inner is None else self.depth(inner))
            else:
                depth = 0
            deepest = max(deepest, depth)
        return deepest

    def _fragment_depth(self, name: str) -> int:
        if name not in self._measured:
            self._measured[name] = 0  # a circle ends here; another rule reports it
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._measured[name] = self.depth(fragment.selection_set)
        return self._measured[name]
