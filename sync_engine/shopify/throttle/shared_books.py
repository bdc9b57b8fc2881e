"""Where processes that spend from the same bucket keep their common books."""

from typing import Any, Protocol

from sync_engine.model.books import Books


class SharedBooks(Protocol):
    """The books of one bucket."""

    async def read(self) -> Books:
        """Return them; without content where nobody has written any yet.

        Raises:
            SyncError: they cannot be read just now.
        """

    async def write(self, content: dict[str, Any], *, version: int) -> bool:
        """Replace what was read as this version; False where somebody was quicker.

        Raises:
            SyncError: they cannot be written just now, or it is not known whether they were.
        """
