"""Writes GraphQL documents that select everything the simulator simulates."""

from graphql import (
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from sync_engine.simulator.graphql_api.tables import FIELD_TABLES


class EverythingWriter:
    """Selections of all simulated fields, as deep as asked, never twice through the same type."""

    def __init__(self, schema: GraphQLSchema, *, page_size: int = 3) -> None:
        self._schema = schema
        self._page_size = page_size

    def selection(self, type_name: str, depth: int, seen: frozenset[str] = frozenset()) -> str:
        """The selection set of a type, without braces."""
        type_ = self._schema.get_type(type_name)
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            return self._abstract(type_, seen)
        assert isinstance(type_, GraphQLObjectType)
        parts = ["__typename"]
        for name in sorted(FIELD_TABLES[type_name]):
            field = type_.fields[name]
            if any(isinstance(a.type, GraphQLNonNull) for a in field.args.values()):
                continue
            named = get_named_type(field.type).name
            arguments = f"(first: {self._page_size})" if "first" in field.args else ""
            if not self._has_fields(named):
                parts.append(name + arguments)
            elif depth > 0 and named not in seen:
                inner = self.selection(named, depth - 1, seen | {type_name})
                parts.append(f"{name}{arguments} {{ {inner} }}")
        return " ".join(parts)

    def _abstract(
        self, type_: GraphQLInterfaceType | GraphQLUnionType, seen: frozenset[str]
    ) -> str:
        possible = [t.name for t in self._schema.get_possible_types(type_)]
        parts = [
            f"... on {name} {{ {self._leaves(name)} }}"
            for name in possible
            if name in FIELD_TABLES and name not in seen
        ]
        return " ".join(["__typename", *parts])

    def _leaves(self, type_name: str) -> str:
        type_ = self._schema.get_type(type_name)
        assert isinstance(type_, GraphQLObjectType)
        names = [
            name
            for name in sorted(FIELD_TABLES[type_name])
            if not self._has_fields(get_named_type(type_.fields[name].type).name)
            and not any(
                isinstance(a.type, GraphQLNonNull) for a in type_.fields[name].args.values()
            )
        ]
        return " ".join(["__typename", *names])

    def _has_fields(self, type_name: str) -> bool:
        return isinstance(
            self._schema.get_type(type_name),
            GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType,
        )
