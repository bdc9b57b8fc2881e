"""Who may use which field. Every root field declares a rule, and so does every guarded one.

A rule decides by the caller alone, never by arguments: what a caller may not see of the data is
decided in ``visible.py``.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

from strawberry.extensions import FieldExtension

from gateway.access.principal import Principal
from gateway.graphql.enums import UserErrorCode, ViewerScope
from gateway.graphql.errors import ForbiddenError
from gateway.graphql.types.user_error import UserError


class AccessRule(FieldExtension):
    """A decision that is taken before the field is resolved."""


class CallerRule(AccessRule, ABC):
    """A decision by the caller alone; whoever may not pass gets an error."""

    @abstractmethod
    def check(self, principal: Principal) -> None:
        """Let the caller pass, or raise.

        Raises:
            ForbiddenError: the caller may not use the field.
        """

    def resolve(self, next_: Callable[..., Any], source: Any, info: Any, **arguments: Any) -> Any:
        """Resolve the field for a caller who may use it."""
        self.check(info.context.principal)
        return next_(source, info, **arguments)

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **arguments: Any
    ) -> Any:
        """Resolve the field for a caller who may use it."""
        self.check(info.context.principal)
        return await next_(source, info, **arguments)


class AnyCaller(CallerRule):
    """Everybody who is authenticated: the field shows each caller its own."""

    def check(self, principal: Principal) -> None:
        """Let everybody pass."""


class Requires(CallerRule):
    """Callers with a scope; for others the field is an error."""

    def __init__(self, scope: ViewerScope) -> None:
        """Take the scope."""
        self.scope = scope

    def check(self, principal: Principal) -> None:
        """Let callers with the scope pass.

        Raises:
            ForbiddenError: the caller does not have it.
        """
        if not principal.has(self.scope):
            raise ForbiddenError(_missing(self.scope), self.scope)


class MutationRequires(AccessRule):
    """Callers with a scope; others get a payload with a user error, as for any expected failure."""

    def __init__(
        self,
        scope: ViewerScope,
        refusal: Callable[[UserError], object],
        *,
        is_for_operators: bool = False,
    ) -> None:
        """Take the scope, what makes the payload of a refusal, and whether shops are left out."""
        self.scope = scope
        self._refusal = refusal
        self.is_for_operators = is_for_operators

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Any, **arguments: Any
    ) -> Any:
        """Go on if the caller may, else answer with the refusal."""
        objection = self._objection(info.context.principal)
        if objection is None:
            return await next_(source, info, **arguments)
        return self._refusal(UserError(field=None, message=objection, code=UserErrorCode.FORBIDDEN))

    def _objection(self, principal: Principal) -> str | None:
        if not principal.has(self.scope):
            return _missing(self.scope)
        if self.is_for_operators and not principal.is_operator:
            return "Only the operator may do this."
        return None


def _missing(scope: ViewerScope) -> str:
    return f"This needs the scope {scope.value}, which the caller does not have."
