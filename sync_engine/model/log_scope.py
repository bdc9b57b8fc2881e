"""Binds what a piece of work is about to every line that is logged within it."""

from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import (
    bind_contextvars,
    bound_contextvars,
    clear_contextvars,
    get_contextvars,
)

_CORRELATION_ID = "correlation_id"


@contextmanager
def log_scope(**ids: str) -> Iterator[None]:
    """Name the work in every line until the end of the block, within what it is a part of."""
    with bound_contextvars(**ids):
        yield


def begin_log_scope(**ids: str) -> None:
    """Name the work in every line of this task from now on.

    For a task of its own: what else was bound where it was created is forgotten, but for the
    correlation id, by which what a request set off can be found.
    """
    correlation_id = get_contextvars().get(_CORRELATION_ID)
    clear_contextvars()
    bind_contextvars(**ids)
    if correlation_id is not None:
        bind_contextvars(correlation_id=correlation_id)
