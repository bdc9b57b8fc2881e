"""Every argument of the schema, down to the leaves of input objects, each in an operation.

Found by walking the schema, so that an argument added later cannot be forgotten.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_required_argument,
    is_required_input_field,
)

_SAMPLES = {"Int": 1, "Boolean": True, "Date": "2026-11-01", "DateTime": "2026-11-01T00:00:00Z"}
_MAX_STEPS = 6


@dataclass(frozen=True)
class Leaf:
    """A place where a caller can put a value."""

    name: str
    query: str
    path: tuple[str | int, ...]
    template: Any

    def variables(self, value: Any) -> dict[str, Any]:
        """Return the variables with the value in that place."""
        return {"v": _put(self.template, self.path, value)}


def every_leaf(schema: GraphQLSchema) -> Iterator[Leaf]:
    """Yield each argument that can be reached without one that has to be given before."""
    places: Iterable[tuple[list[str], GraphQLObjectType]]
    for keyword, root in (
        ("query", schema.query_type),
        ("mutation", schema.mutation_type),
        ("subscription", schema.subscription_type),
    ):
        assert root is not None
        places = _reachable(root) if keyword == "query" else [([], root)]
        for steps, parent in places:
            for name, field in parent.fields.items():
                yield from _leaves(keyword, steps, f"{parent.name}.{name}", name, field)


def _reachable(root: GraphQLObjectType) -> Iterator[tuple[list[str], GraphQLObjectType]]:
    waiting: list[tuple[list[str], GraphQLObjectType]] = [([], root)]
    seen: set[str] = set()
    while waiting:
        steps, parent = waiting.pop(0)
        if parent.name in seen or len(steps) > _MAX_STEPS:
            continue
        seen.add(parent.name)
        yield steps, parent
        for name, field in parent.fields.items():
            below = get_named_type(field.type)
            is_free = not any(map(is_required_argument, field.args.values()))
            if isinstance(below, GraphQLObjectType) and is_free:
                waiting.append(([*steps, name], below))


def _leaves(
    keyword: str, steps: list[str], path: str, name: str, field: GraphQLField
) -> Iterator[Leaf]:
    for argument_name, argument in field.args.items():
        others = "".join(
            f", {other}: {_literal(each.type)}"
            for other, each in field.args.items()
            if other != argument_name and is_required_argument(each)
        )
        call = f"{name}({argument_name}: $v{others}){_selection(field)}"
        opening = "".join(f"{step} {{ " for step in steps)
        query = f"{keyword}($v: {argument.type}) {{ {opening}{call}{' }' * len(steps)} }}"
        for inner, template in _places(argument.type):
            where = ".".join(str(part) for part in inner)
            yield Leaf(f"{path}({argument_name}.{where})", query, inner, template)


def _places(kind: GraphQLInputType) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(inner, GraphQLList):
        for path, template in _places(inner.of_type):
            yield (0, *path), [template]
    elif isinstance(inner, GraphQLInputObjectType):
        required = {
            name: _sample(field.type)
            for name, field in inner.fields.items()
            if is_required_input_field(field)
        }
        for name, field in inner.fields.items():
            for path, template in _places(field.type):
                yield (name, *path), {**required, name: template}
    else:
        yield (), _sample(inner)


def _sample(kind: GraphQLInputType) -> Any:
    inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(inner, GraphQLList):
        return [_sample(inner.of_type)]
    if isinstance(inner, GraphQLInputObjectType):
        return {
            name: _sample(field.type)
            for name, field in inner.fields.items()
            if is_required_input_field(field)
        }
    if isinstance(inner, GraphQLEnumType):
        return next(iter(inner.values))
    return _SAMPLES.get(inner.name, "x")


def _literal(kind: GraphQLInputType) -> str:
    sample = _sample(kind)
    if isinstance(sample, dict):
        return "{" + ", ".join(f'{name}: "{value}"' for name, value in sample.items()) + "}"
    return f'"{sample}"' if isinstance(sample, str) else str(sample).lower()


def _selection(field: GraphQLField) -> str:
    named = get_named_type(field.type)
    if not isinstance(named, GraphQLObjectType):
        return ""
    wanted = ["__typename"]
    for name, inner in named.fields.items():
        below = get_named_type(inner.type)
        if name == "nodes" and isinstance(below, GraphQLObjectType):
            wanted.append("nodes { id }" if "id" in below.fields else "nodes { __typename }")
        elif name == "userErrors":
            wanted.append("userErrors { code }")
        elif name == "id":
            wanted.append("id")
    return f" {{ {' '.join(wanted)} }}"


def _put(template: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    head, *rest = path
    inner = _put(template[head], tuple(rest), value)
    if isinstance(template, list):
        return [inner]
    return {**template, head: inner}
