"""Counts what a document is made of, in one walk without recursion."""

from collections import Counter
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    SelectionSetNode,
)


@dataclass(slots=True)
class Tally:
    """How often each of the things stands in a document that can be written without end."""

    aliases: int = 0
    directives: int = 0
    fragment_spreads: int = 0
    repeated_fields: int = 0


def tally(document: DocumentNode) -> Tally:
    """Return what a document is made of, as it is written: fragments count once."""
    counted = Tally()
    waiting: list[Node] = list(document.definitions)
    while waiting:
        node = waiting.pop()
        counted.directives += len(getattr(node, "directives", None) or ())
        for variable in getattr(node, "variable_definitions", None) or ():
            counted.directives += len(variable.directives or ())
        if isinstance(node, FieldNode):
            counted.aliases += node.alias is not None
        elif isinstance(node, FragmentSpreadNode | InlineFragmentNode):
            counted.fragment_spreads += 1
        inner = getattr(node, "selection_set", None)
        if isinstance(inner, SelectionSetNode):
            counted.repeated_fields += _repeated(inner)
            waiting.extend(inner.selections)
    return counted


def _repeated(selections: SelectionSetNode) -> int:
    names = Counter(
        (node.alias or node.name).value
        for node in selections.selections
        if isinstance(node, FieldNode)
    )
    return sum(count - 1 for count in names.values())
