"""The errors that clients are meant to see, by what they can do about them.

    ApiError(code)                 passes the mask as it is
    ├─ BadUserInputError           send something else
    ├─ UnauthenticatedError        send a valid credential
    ├─ ForbiddenError(scope)       get a token with that scope
    ├─ NotFoundError               there is no such thing, as far as the caller may know
    └─ UnavailableError            try the same again later

Everything else that goes wrong in a resolver is our fault and is masked. In mutations an expected
failure is not an error but data: see ``types/user_error.py``.
"""

from typing import Any, ClassVar

from graphql import GraphQLError

from sync_engine.model.access import ViewerScope


class ApiError(GraphQLError):
    """An error whose text is written for clients; ``extensions.code`` tells programs the kind."""

    code: ClassVar[str]

    def __init__(self, message: str, **extensions: Any) -> None:
        """Take the sentence and what else programs may want to know."""
        super().__init__(message, extensions={"code": self.code, **extensions})


class BadUserInputError(ApiError):
    """An argument or a variable is of no use."""

    code = "BAD_USER_INPUT"


class UnauthenticatedError(ApiError):
    """Nobody is known behind the request, or not any more."""

    code = "UNAUTHENTICATED"


class ForbiddenError(ApiError):
    """The caller is known and may not do this."""

    code = "FORBIDDEN"

    def __init__(self, message: str, scope: ViewerScope) -> None:
        """Keep the scope that would have helped."""
        super().__init__(message, scope=scope.value)


class NotFoundError(ApiError):
    """There is no such thing, or the caller may not see it: the two are the same here."""

    code = "NOT_FOUND"


class UnavailableError(ApiError):
    """Something that the answer needs does not answer just now."""

    code = "UNAVAILABLE"

    def __init__(self) -> None:
        """Say the same in every case: what it is that does not answer is not the client's."""
        super().__init__("The service cannot answer just now: try again in a moment.")
