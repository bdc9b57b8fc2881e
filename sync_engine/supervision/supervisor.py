"""Runs a command and stops it when the program that started us is gone, however it went.

Run as a script by ``child.py``, not imported: it holds the reading end of a pipe whose writing end
only that program has. When the pipe closes, even by kill -9, the command is told to stop. Uses the
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


def run(command: Sequence[str], passed_fds: Sequence[int]) -> None:
    """Run the command until standard input closes or it ends by itself; never returns.

    Its output goes where ours goes. Passed file descriptors stay open in it.
    """
    child = subprocess.Popen(  # noqa: S603 - the command is our own
        command,
        stdin=subprocess.DEVNULL,
        pass_fds=passed_fds,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - no threads yet
    )
    threading.Thread(target=lambda: os._exit(child.wait()), daemon=True).start()
    os.read(sys.stdin.fileno(), 1)  # nothing is ever written: this waits for the pipe to close
    child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
    os._exit(child.wait())


def _die_with_parent() -> None:
    """Should the supervisor itself be killed, let the kernel stop the command."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    run(sys.argv[2:], [int(fd) for fd in sys.argv[1].split(",") if fd])
