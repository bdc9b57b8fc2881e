"""Makes docstrings the descriptions of the exported schema, so that nothing is written twice."""

from collections.abc import Mapping
from enum import Enum
from inspect import cleandoc
from typing import TypeVar, dataclass_transform

import strawberry
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

T = TypeVar("T")


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def api_type(cls: type[T]) -> type[T]:
    """Export a class as an object type, described by its docstring."""
    return strawberry.type(cls, description=_text(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def api_input(cls: type[T]) -> type[T]:
    """Export a class as an input type, described by its docstring."""
    return strawberry.input(cls, description=_text(cls))


def describe_fields(definition: StrawberryObjectDefinition) -> list[StrawberryField]:
    """Give fields their resolver's docstring, and optional ones no default.

    To Strawberry a Python default of None is the GraphQL default ``null``. In this API an optional
    argument has no default; Python's own is used where it is left out.
    """
    for field in definition.fields:
        if field.base_resolver is not None:
            field.description = field.description or _text(field.base_resolver.wrapped_func)
        elif field.default_value is None:
            field.default_value = strawberry.UNSET
        for argument in field.arguments:
            if argument.default is None:
                argument.default = strawberry.UNSET
    return definition.fields


def export_enum(
    kind: type[Enum], description: str, values: Mapping[str, str], name: str | None = None
) -> None:
    """Export an enum as it is, the engine's as well, with a description for every value.

    Raises:
        KeyError: a value has no description.
    """
    strawberry.enum(kind, name=name, description=description)
    definition: StrawberryEnumDefinition = vars(kind)["__strawberry_definition__"]
    for value in definition.values:
        value.description = values[value.name]


def _text(described: object) -> str | None:
    text = described.__doc__
    return None if text is None else cleandoc(text)
