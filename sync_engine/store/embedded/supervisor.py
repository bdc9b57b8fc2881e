"""Runs mongod and stops it when the program that started us is gone, however it went.

Run as a script by ``server.py``, not imported: it holds the reading end of a pipe whose writing end
only that program has. When the pipe closes, even by kill -9, mongod is told to stop. Uses the
standard library alone, so that it starts in a few milliseconds.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

_STOP_SECONDS = 30
_PR_SET_PDEATHSIG = 1


def run(command: Sequence[str], lock_fd: int) -> None:
    """Run the command until standard input closes or it ends by itself; never returns.

    The lock is passed on, so that the data directory stays locked until mongod itself is gone.
    """
    server = subprocess.Popen(  # noqa: S603 - the command is our own
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[lock_fd],
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - no threads yet
    )
    threading.Thread(target=lambda: os._exit(server.wait()), daemon=True).start()
    os.read(sys.stdin.fileno(), 1)  # nothing is ever written: this waits for the pipe to close
    server.terminate()
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
    os._exit(server.wait())


def _die_with_parent() -> None:
    """Should the supervisor itself be killed, let the kernel stop mongod."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    run(sys.argv[2:], int(sys.argv[1]))
