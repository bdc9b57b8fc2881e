"""Finds out which document of a failed write was at fault, and whether looking again helps."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pymongo.errors import BulkWriteError

_DUPLICATE_KEY = 11000


class RacedError(Exception):
    """Another writer inserted one of the records since we looked: look again."""


class RefusedError(Exception):
    """MongoDB does not take the record with this number, for this reason."""

    def __init__(self, number: int, reason: str) -> None:
        """Keep Shopify's number of the record."""
        super().__init__(reason)
        self.number = number
        self.reason = reason


@contextmanager
def refusals(numbers: Sequence[int]) -> Iterator[None]:
    """Say which of the records, given by number in their order, made the write inside fail.

    Raises:
        RacedError: a document stands there that did not when we looked.
        RefusedError: MongoDB does not take one of them.
    """
    try:
        yield
    except BulkWriteError as error:
        refused = error.details.get("writeErrors") or []
        if not refused:  # the write concern, or the transaction as a whole
            raise
        if refused[0]["code"] == _DUPLICATE_KEY:
            raise RacedError from error
        reason = refused[0].get("codeName") or refused[0].get("errmsg", "no reason given")
        number = numbers[refused[0]["index"]]
        raise RefusedError(number, f"is refused by MongoDB: {str(reason)[:200]}") from error
