"""Executes operations as the library does, but reads what is a mere attribute without ceremony.

For each field of each entry of a list the library makes a path, an info and half a dozen checks,
which are for resolvers. Most fields have none: a year's series has thousands of them. What goes
wrong in reading them is done again by the library, which knows how to tell.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import AwaitableOrValue, Path, UndefinedType
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

Read: TypeAlias = Callable[[Any], Any]

_READ = "echosignal-read"
_ATTRIBUTE = "echosignal-attribute"


class NotPlainError(Exception):
    """A value is not what its field promises; never leaves this module."""


def mark_plain_fields(schema: GraphQLSchema) -> None:
    """Note at each field without a resolver where its value is, and how a leaf is read."""
    for kind in schema.type_map.values():
        for field in kind.fields.values() if is_object_type(kind) else ():
            definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            if not isinstance(definition, StrawberryField) or not definition.is_basic_field:
                continue
            field.extensions[_ATTRIBUTE] = definition.python_name
            leaf = get_nullable_type(field.type)
            if is_leaf_type(leaf):
                write = _written(field.type, leaf.coerce_output_value)
                field.extensions[_READ] = _reading(definition.python_name, write)


class PlainFieldExecutor(StrawberryGraphQLCoreExecutionContext):
    """The executor of one operation, on a schema whose plain fields are marked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what the library gives."""
        super().__init__(*args, **kwargs)
        self._reads: dict[tuple[str, int], tuple[FieldDetailsList, Read | None]] = {}

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> AwaitableOrValue[Any] | UndefinedType:
        """Return the value of a field in JSON's types, or what will have it."""
        key = parent_type.name, id(field_details_list)
        known = self._reads.get(key)
        try:
            if known is None:  # the list is kept, so that no other ever has its id
                known = field_details_list, self._field(parent_type, field_details_list)
                self._reads[key] = known
            if known[1] is not None:
                return known[1](source)
        except Exception:  # noqa: BLE001, S110 - it happens again below, where it is reported
            pass
        return super().execute_field(
            parent_type, source, field_details_list, path, position_context
        )

    def _field(self, parent: GraphQLObjectType, details: FieldDetailsList) -> Read | None:
        """Return what reads a field of its parent; None where that takes more than an attribute."""
        if self.middleware_manager is not None:  # it wants to see every field
            return None
        name = details[0].node.name.value
        if name == "__typename":
            return lambda _: parent.name
        field = parent.fields[name]
        read: Read | None = field.extensions.get(_READ)
        attribute: str | None = field.extensions.get(_ATTRIBUTE)
        if read is not None or attribute is None:
            return read
        write = self._value(field.type, details)
        return None if write is None else _reading(attribute, write)

    def _value(self, kind: GraphQLOutputType, details: FieldDetailsList) -> Read | None:
        """Return what writes a value of this type, null included."""
        inner = get_nullable_type(kind)
        write: Read | None = None
        if is_leaf_type(inner):
            write = inner.coerce_output_value
        elif is_list_type(inner):
            write = self._list(inner.of_type, details)
        elif is_object_type(inner) and inner.is_type_of is None:
            write = self._object(inner, details)
        return None if write is None else _written(kind, write)

    def _list(self, kind: GraphQLOutputType, details: FieldDetailsList) -> Read | None:
        write = self._value(kind, details)
        return None if write is None else lambda values: [write(value) for value in values]

    def _object(self, kind: GraphQLObjectType, details: FieldDetailsList) -> Read | None:
        selected, _, _ = self.collect_subfields(kind, details)
        reads = [(name, self._field(kind, fields)) for name, fields in selected.items()]
        plain = [(name, read) for name, read in reads if read is not None]
        if len(plain) < len(reads):
            return None
        return lambda value: {name: read(value) for name, read in plain}


def _reading(attribute: str, write: Read) -> Read:
    return lambda source: write(getattr(source, attribute))


def _written(kind: GraphQLOutputType, write: Read) -> Read:
    """Return what writes a value or, where its type allows it, null."""

    def required(value: Any) -> Any:
        if value is None:
            raise NotPlainError
        return write(value)

    def optional(value: Any) -> Any:
        return None if value is None else write(value)

    return required if is_non_null_type(kind) else optional
