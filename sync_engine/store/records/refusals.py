"""Finds out which document of a failed write was at fault, and whether looking again helps."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import bson
from bson.errors import BSONError
from pymongo.errors import BulkWriteError, DocumentTooLarge, OperationFailure

from sync_engine.store.codec import CODEC_OPTIONS, Document

_DUPLICATE_KEY = 11000
_BSON_OBJECT_TOO_LARGE = 10334
_MAX_DOCUMENT_BYTES = 16 * 1024 * 1024


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
def refusals(documents: Sequence[Document]) -> Iterator[None]:
    """Say which of the documents made the write inside fail.

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
        number = documents[refused[0]["index"]]["_id"]["id"]
        reason = refused[0].get("codeName") or refused[0].get("errmsg", "no reason given")
        message = f"MongoDB does not take the document: {str(reason)[:200]}"
        raise RefusedError(number, message) from error
    except (BSONError, DocumentTooLarge, OverflowError, UnicodeEncodeError) as error:
        raise _unencodable(documents, error) from error
    except OperationFailure as error:
        if error.code != _BSON_OBJECT_TOO_LARGE:
            raise
        raise _unencodable(documents, error) from error


def _unencodable(documents: Sequence[Document], error: Exception) -> RefusedError:
    for document in documents:
        try:
            size = len(bson.encode(document, codec_options=CODEC_OPTIONS))
        except (BSONError, OverflowError, UnicodeEncodeError) as reason:
            return RefusedError(document["_id"]["id"], f"cannot be stored: {str(reason)[:200]}")
        if size > _MAX_DOCUMENT_BYTES:
            return RefusedError(document["_id"]["id"], f"too large to be stored: {size} bytes")
    raise error
