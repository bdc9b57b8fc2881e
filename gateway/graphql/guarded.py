"""Fields with an access rule. A root field that is made without these fails the tests."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import strawberry

from gateway.graphql.permissions import AccessRule

ResolverT = TypeVar("ResolverT", bound=Callable[..., Any])


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
