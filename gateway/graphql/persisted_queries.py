"""Automatic persisted queries: a client sends the hash of a text that the server has seen.

Source: Apollo's protocol, apollographql.com/docs/apollo-server/performance/apq. The hash is
checked, so that nobody can put a text under another's name. Texts stand in the process's memory;
a client that hears that its text is not known sends it again.
"""

import hashlib
from collections import OrderedDict
from typing import Annotated

import msgspec

from gateway.graphql.http_request import OperationRequest, RefusedRequestError

_MAX_LENGTH = 16 * 1024
_VERSION = 1


class _PersistedQuery(msgspec.Struct, frozen=True, rename="camel"):
    version: int
    sha256_hash: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")] = msgspec.field(
        name="sha256Hash"
    )


class PersistedQueries:
    """The texts, as many as fit; those not asked for the longest go first."""

    def __init__(self, capacity: int) -> None:
        """Take how many are kept; with 0 the protocol is turned off."""
        self._capacity = capacity
        self._texts: OrderedDict[str, str] = OrderedDict()

    def text_of(self, operation: OperationRequest) -> str:
        """Return the text of an operation, and keep it where the client asks for that.

        Raises:
            RefusedRequestError: there is none, it is not known, or it is not the one of the hash.
        """
        named = (operation.extensions or {}).get("persistedQuery")
        if named is None:
            if operation.query is None:
                raise RefusedRequestError(400, "The request has no query.")
            return operation.query
        digest = self._digest(named)
        if operation.query is None:
            return self._known(digest)
        if hashlib.sha256(operation.query.encode()).hexdigest() != digest:
            raise RefusedRequestError(400, "The query is not the one that sha256Hash names.")
        self._keep(digest, operation.query)
        return operation.query

    def _digest(self, named: object) -> str:
        if self._capacity == 0:
            raise RefusedRequestError(
                200, "PersistedQueryNotSupported", code="PERSISTED_QUERY_NOT_SUPPORTED"
            )
        try:
            read = msgspec.convert(named, _PersistedQuery)
        except msgspec.ValidationError as error:
            sentence = f"extensions.persistedQuery: {error}."
            raise RefusedRequestError(400, sentence) from None
        if read.version != _VERSION:
            raise RefusedRequestError(400, f"extensions.persistedQuery: version {_VERSION} only.")
        return read.sha256_hash

    def _known(self, digest: str) -> str:
        text = self._texts.get(digest)
        if text is None:
            raise RefusedRequestError(
                200, "PersistedQueryNotFound", code="PERSISTED_QUERY_NOT_FOUND"
            )
        self._texts.move_to_end(digest)
        return text

    def _keep(self, digest: str, text: str) -> None:
        if len(text) > _MAX_LENGTH:
            return
        self._texts[digest] = text
        self._texts.move_to_end(digest)
        if len(self._texts) > self._capacity:
            self._texts.popitem(last=False)
