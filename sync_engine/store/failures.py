"""Translates the driver's exceptions into the engine's, once, at the border of the store."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from bson.errors import BSONError
from pymongo import errors

from sync_engine.model.errors import (
    FatalError,
    StoreRejectedError,
    StoreUnavailableError,
    SyncError,
)

P = ParamSpec("P")
T = TypeVar("T")

# What passes by itself: no primary, a broken connection, a time limit, a write conflict.
_PASSING = (
    errors.ConnectionFailure,
    errors.ExecutionTimeout,
    errors.WTimeoutError,
    errors.WaitQueueTimeoutError,
    errors.CursorNotFound,
    errors.NetworkTimeout,
)
_REJECTING = (errors.DocumentTooLarge, errors.WriteError, errors.BulkWriteError, BSONError)
_TRANSIENT_LABELS = ("TransientTransactionError", "UnknownTransactionCommitResult")


def translate(error: Exception) -> SyncError:
    """Return the engine's error for one of the driver's; the text carries no document."""
    name = type(error).__name__
    if isinstance(error, _PASSING) or (
        isinstance(error, errors.PyMongoError)
        and any(error.has_error_label(label) for label in _TRANSIENT_LABELS)
    ):
        return StoreUnavailableError(f"MongoDB is not available just now ({name})")
    if isinstance(error, (*_REJECTING, OverflowError)):
        return StoreRejectedError(f"MongoDB does not take the document ({name})")
    return FatalError(f"MongoDB refused a request of ours ({name}: {_reason(error)})")


def _reason(error: Exception) -> str:
    if isinstance(error, errors.OperationFailure) and error.details:
        return str(error.details.get("codeName") or error.code)
    return str(error)[:200]


@contextmanager
def store_failures() -> Iterator[None]:
    """Translate what the driver raises inside; not for use within a transaction's callback."""
    try:
        yield
    except (errors.PyMongoError, BSONError, OverflowError) as error:
        raise translate(error) from error


def translated(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Make a repository's public method raise the engine's errors only."""

    @wraps(method)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        with store_failures():
            return await method(*args, **kwargs)

    return wrapper
