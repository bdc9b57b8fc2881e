"""The errors that clients are meant to see, by what they can do about them.

    ApiError(code)                 passes the mask as it is
    ├─ BadUserInputError           send something else
    ├─ UnauthenticatedError        send a valid credential
    ├─ ForbiddenError(scope)       get a token with that scope
    ├─ NotFoundError               there is no such thing, as far as the caller may know
    ├─ UnavailableError            try the same again later
    ├─ QueryTooComplexError        ask for less
    ├─ MaxCostExceededError        ask for less
    ├─ ThrottledError              try the same again when the bucket has filled
    ├─ TooManyOperationsError      wait for another of yours to end
    └─ TimedOutError               ask for less, or see whether the mutation was done

docs/api.md lists the codes for those who write clients.

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


class QueryTooComplexError(ApiError):
    """The document or the operation is larger than any that a client needs."""

    code = "QUERY_TOO_COMPLEX"


class MaxCostExceededError(ApiError):
    """One operation costs more than one may."""

    code = "MAX_COST_EXCEEDED"

    def __init__(self, cost: int, max_cost: int) -> None:
        """Say it in Shopify's words, which clients know."""
        super().__init__(
            f"Query cost is {cost}, which exceeds the single query max cost limit ({max_cost})",
            cost=cost,
            maxCost=max_cost,
        )


class ThrottledError(ApiError):
    """The caller has not enough points left just now."""

    code = "THROTTLED"

    def __init__(self, retry_after_seconds: int) -> None:
        """Keep when there will be enough."""
        super().__init__("Throttled", retryAfterSeconds=retry_after_seconds)


class TooManyOperationsError(ApiError):
    """As many operations or subscriptions are going on as are allowed."""

    code = "TOO_MANY_OPERATIONS"


class TimedOutError(ApiError):
    """The operation was stopped because it took too long."""

    code = "TIMEOUT"

    def __init__(self, limit_seconds: float) -> None:
        """Say how long it may take."""
        super().__init__(f"The operation took longer than {limit_seconds:g} s and was stopped.")
