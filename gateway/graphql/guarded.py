"""Fields with an access rule, and the root types, which have no others: deny is the default."""

from collections.abc import Callable
from typing import Any, TypeVar, cast, dataclass_transform

import strawberry
from strawberry.types.base import StrawberryObjectDefinition

from gateway.graphql.describing import api_type
from gateway.graphql.permissions import AccessRule

T = TypeVar("T")
ResolverT = TypeVar("ResolverT", bound=Callable[..., Any])


class UnguardedFieldError(TypeError):
    """A root field says nothing of who may use it; no schema can be made of that."""


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def guarded_root(cls: type[T]) -> type[T]:
    """Export a class as a root type.

    Raises:
        UnguardedFieldError: one of its fields has no access rule.
    """
    exported = api_type(cls)
    definition: StrawberryObjectDefinition = vars(exported)["__strawberry_definition__"]
    for field in definition.fields:
        if not any(isinstance(each, AccessRule) for each in field.extensions):
            raise UnguardedFieldError(f"{cls.__name__}.{field.python_name} has no access rule")
    return exported


def guarded_field(rule: AccessRule) -> Callable[[ResolverT], ResolverT]:
    """Export a resolver as a field, or as a mutation, for callers whom the rule lets pass."""

    def export(resolver: ResolverT) -> ResolverT:
        return cast("ResolverT", strawberry.field(resolver, extensions=[rule]))

    return export


def guarded_subscription(rule: AccessRule) -> Callable[[ResolverT], ResolverT]:
    """Export a resolver as a subscription, for callers whom the rule lets pass."""

    def export(resolver: ResolverT) -> ResolverT:
        return cast("ResolverT", strawberry.subscription(resolver, extensions=[rule]))

    return export
