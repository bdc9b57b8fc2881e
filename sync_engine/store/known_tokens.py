"""Keeps API tokens that were looked up, for some seconds: a caller asks more than one question.

Whoever revokes one in another process is heard of by the change feed, without which none is kept;
the seconds are for a feed that has just broken off.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from sync_engine.model.access import ApiToken
from sync_engine.store.codec import Document

_KEPT_SECONDS = 5.0
_MOST_TOKENS = 10_000


class KnownTokens:
    """Tokens by id, each with the hash of its secret."""

    def __init__(self, monotonic_seconds: Callable[[], float] = time.monotonic) -> None:
        """Begin empty."""
        self._monotonic_seconds = monotonic_seconds
        self._known: OrderedDict[str, tuple[float, str, ApiToken]] = OrderedDict()
        self.changes = 0
        """How often tokens were dropped: who looks one up compares it with what it was before."""

    def get(self, token_id: str) -> tuple[str, ApiToken] | None:
        """Return the hash and the token, if it is known."""
        found = self._known.get(token_id)
        if found is None or self._monotonic_seconds() >= found[0]:
            return None
        return found[1:]

    def keep(self, digest: str, token: ApiToken) -> None:
        """Keep a token that was just looked up; the one that was kept the longest may go."""
        until = self._monotonic_seconds() + _KEPT_SECONDS
        self._known[token.id] = until, digest, token
        self._known.move_to_end(token.id)
        if len(self._known) > _MOST_TOKENS:
            self._known.popitem(last=False)

    def drop(self, token_id: str) -> None:
        """Forget a token."""
        self.changes += 1
        self._known.pop(token_id, None)

    def drop_all(self) -> None:
        """Forget all tokens."""
        self.changes += 1
        self._known.clear()

    def changed(self, change: Document) -> None:
        """Take the change of a token."""
        self.drop(change["documentKey"]["_id"])

    async def catch_up(self) -> None:
        """After a gap any token may have been revoked."""
        self.drop_all()
