"""One program per data directory. The lock lasts until the last process of the old one is gone."""

import asyncio
import fcntl
import os
from pathlib import Path

from sync_engine.model.errors import FatalError

_POLL_SECONDS = 0.1


class DirectoryBusyError(FatalError):
    """Another program uses the data directory."""

    def __init__(self, directory: Path, pid: int | None) -> None:
        """Keep who it is, where that is known."""
        self.directory = directory
        self.pid = pid
        owner = "another program" if pid is None else f"process {pid}"
        super().__init__(
            f"the database in {directory} is in use by {owner}: stop that one first, or choose "
            "another directory with ECHOSIGNAL_DATA_DIR, or share a server with "
            "ECHOSIGNAL_MONGODB_URI"
        )


async def lock_directory(directory: Path, *, patience_seconds: float) -> int:
    """Lock the directory and return the open file that holds the lock; closing it frees it.

    Where the last owner is dead but its mongod is still stopping, this waits.

    Raises:
        DirectoryBusyError: the owner is alive, or its mongod does not stop in time.
    """
    lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    waited = 0.0
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = _owner(lock)
            if waited >= patience_seconds or (owner is not None and _is_alive(owner)):
                os.close(lock)
                raise DirectoryBusyError(directory, owner) from None
        else:
            os.ftruncate(lock, 0)
            os.pwrite(lock, str(os.getpid()).encode(), 0)
            return lock
        await asyncio.sleep(_POLL_SECONDS)
        waited += _POLL_SECONDS


def _owner(lock: int) -> int | None:
    text = os.pread(lock, 20, 0)
    return int(text) if text.isdigit() else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
