"""Random GraphQL operations over a schema: any fields, with any arguments out of a pool."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_leaf_type,
)
from hypothesis import strategies as st

Pool = Mapping[str, Sequence[Any]]
"""What arguments are drawn from: by ``field.argument``, else the argument, else its type."""

_FIELDS_AT_ONCE = 4
_ITEMS_AT_ONCE = 2


class Operations:
    """Draws operations; arguments that the pool has nothing for are left out where they may be."""

    def __init__(self, schema: GraphQLSchema, pool: Pool) -> None:
        self._schema = schema
        self._pool = pool

    def queries(self, *, depth: int) -> st.SearchStrategy[str]:
        """Return queries of up to so many levels."""
        assert self._schema.query_type is not None
        return self._selections(self._schema.query_type, depth).map(
            lambda fields: f"query {fields}"
        )

    def mutations(self, names: Sequence[str], *, depth: int) -> st.SearchStrategy[str]:
        """Return mutations of one of these fields."""
        assert self._schema.mutation_type is not None
        fields = self._schema.mutation_type.fields

        def written(name: str) -> st.SearchStrategy[str]:
            return self._field(name, fields[name], depth).map(lambda one: f"mutation {{ {one} }}")

        return st.sampled_from(sorted(names)).flatmap(written)

    def _selections(self, kind: GraphQLObjectType, depth: int) -> st.SearchStrategy[str]:
        names = [
            name
            for name, field in kind.fields.items()
            if depth > 1 or is_leaf_type(get_named_type(field.type))
        ]
        if not names:
            return st.just("{ __typename }")

        def written(chosen: list[str]) -> st.SearchStrategy[str]:
            parts = [self._field(name, kind.fields[name], depth) for name in chosen]
            return st.tuples(*parts).map(lambda texts: f"{{ {' '.join(texts)} }}")

        return st.lists(
            st.sampled_from(names), min_size=1, max_size=_FIELDS_AT_ONCE, unique=True
        ).flatmap(written)

    def _field(self, name: str, field: Any, depth: int) -> st.SearchStrategy[str]:
        arguments = self._arguments(name, field.args)
        kind = get_named_type(field.type)
        inner: st.SearchStrategy[str] = st.just("")
        if isinstance(kind, GraphQLObjectType):
            inner = self._selections(kind, depth - 1)
        return st.tuples(arguments, inner).map(lambda both: f"{name}{both[0]} {both[1]}")

    def _arguments(self, field: str, arguments: Mapping[str, Any]) -> st.SearchStrategy[str]:
        return self._named(field, arguments).map(lambda given: f"({given})" if given else "")

    def _named(self, owner: str, inputs: Mapping[str, Any]) -> st.SearchStrategy[str]:
        required: dict[str, st.SearchStrategy[str]] = {}
        optional: dict[str, st.SearchStrategy[str]] = {}
        for name, given in inputs.items():
            must_be_there = isinstance(given.type, GraphQLNonNull)
            is_required = must_be_there and given.default_value is Undefined
            (required if is_required else optional)[name] = self._value(owner, name, given.type)
        return st.fixed_dictionaries(required, optional=optional).map(
            lambda given: ", ".join(f"{name}: {text}" for name, text in given.items())
        )

    def _value(self, owner: str, name: str, kind: Any) -> st.SearchStrategy[str]:
        if isinstance(kind, GraphQLNonNull):
            return self._value(owner, name, kind.of_type)
        if isinstance(kind, GraphQLList):
            items = st.lists(self._value(owner, name, kind.of_type), max_size=_ITEMS_AT_ONCE)
            return items.map(lambda texts: f"[{', '.join(texts)}]")
        for key in (f"{owner}.{name}", name):
            if key in self._pool:
                return st.sampled_from(self._pool[key]).map(json.dumps)
        if isinstance(kind, GraphQLInputObjectType):
            return self._named(kind.name, kind.fields).map(lambda given: f"{{{given}}}")
        if isinstance(kind, GraphQLEnumType):
            return st.sampled_from(sorted(kind.values))
        return st.sampled_from(self._pool[kind.name]).map(json.dumps)
