"""Turns a search tree into one condition, and finds what it lets an index skip.

A term whose field is unknown, or whose value makes no sense, is dropped as if it had not been
written, and a warning says so. That is Shopify's behaviour, and how a typo returns everything.
"""

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from sync_engine.simulator.search.field_kinds import (
    Candidate,
    Condition,
    SearchContext,
    SearchTable,
    TimeField,
)
from sync_engine.simulator.search.periods import FOREVER
from sync_engine.simulator.search.syntax import And, Node, Not, Or, Term, parse


class UnsimulatedFilterError(Exception):
    """A filter that Shopify knows and the simulator does not.

    Attributes:
        field: Its name.
    """

    def __init__(self, table: str, field: str) -> None:
        super().__init__(f"The simulator does not simulate the filter `{field}` of `{table}`")
        self.field = field


class SearchWarning(Struct, frozen=True):
    """Why a term was dropped; printed in `extensions.search`."""

    field: str
    message: str
    code: str


class Search(Struct, frozen=True, kw_only=True):
    """A query ready to be applied.

    Attributes:
        condition: None when every record matches.
        created, updated: From the first number to before the second, in seconds since 1970: where
            matching records must lie whatever else they are. Never too narrow.
    """

    query: str
    tree: Node
    condition: Condition | None
    created: tuple[int, int]
    updated: tuple[int, int]
    warnings: tuple[SearchWarning, ...]


def compile_search(query: str, table: SearchTable, context: SearchContext) -> Search:
    """Prepare a query.

    Raises:
        UnsimulatedFilterError: It uses a filter that the simulator does not simulate.
    """
    tree = parse(query)
    compiler = _Compiler(table, context)
    condition = compiler.condition(tree)
    return Search(
        query=query,
        tree=tree,
        condition=condition,
        created=compiler.window(tree, "created"),
        updated=compiler.window(tree, "updated"),
        warnings=tuple(compiler.warnings),
    )


class _Compiler:
    def __init__(self, table: SearchTable, context: SearchContext) -> None:
        self._table = table
        self._context = context
        self.warnings: list[SearchWarning] = []

    def condition(self, node: Node) -> Condition | None:
        match node:
            case Term():
                return self._term(node)
            case Not(child):
                inner = self.condition(child)
                return None if inner is None else lambda candidate: not inner(candidate)
            case And(children):
                return _joined([c for c in map(self.condition, children) if c is not None], all)
            case Or(children):
                return _joined([c for c in map(self.condition, children) if c is not None], any)

    def window(self, node: Node, name: str) -> tuple[int, int]:
        low, high = -FOREVER, FOREVER
        for term in _required(node):
            field = self._table.fields.get(term.field or "")
            if isinstance(field, TimeField) and field.window == name:
                bounds = field.bounds(term, self._context)
                if bounds is not None:
                    low, high = max(low, bounds[0]), min(high, bounds[1])
        return low, high

    def _term(self, term: Term) -> Condition | None:
        if term.field is None:
            return self._table.default.condition(term, self._context)
        name = term.field.lower()
        if name == "tag_not" and "tag" in self._table.fields:
            return self.condition(Not(Term("tag", "", term.value, term.is_quoted)))
        if name in self._table.unsimulated or name.startswith("metafields."):
            raise UnsimulatedFilterError(self._table.name, name)
        field = self._table.fields.get(name)
        if field is None:
            message = "Invalid search field for this query."
            self.warnings.append(SearchWarning(term.field, message, "invalid_field"))
            return None
        condition = field.condition(term, self._context)
        if condition is None:
            message = f"Input `{term.value}` is not an accepted value."
            self.warnings.append(SearchWarning(term.field, message, "invalid_value"))
        return condition


def _joined(conditions: list[Condition], how: Callable[[Iterable[bool]], bool]) -> Condition | None:
    if not conditions:
        return None
    if len(conditions) == 1:
        return conditions[0]

    def match(candidate: Candidate) -> bool:
        return how(condition(candidate) for condition in conditions)

    return match


def _required(node: Node) -> Iterator[Term]:
    """Terms that every match must satisfy."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, And):
        for child in node.children:
            yield from _required(child)
