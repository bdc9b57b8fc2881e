"""Starts a command under the supervisor and stops it again."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sync_engine.supervision import supervisor

_STOP_SECONDS = 45


@asynccontextmanager
async def supervised(
    command: Sequence[str], *, passed_fds: Sequence[int] = (), stdout: int | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command for the duration of the block; it ends with us even if we are killed.

    The yielded process is the supervisor: it ends when the command does, with its return code. It
    is in a session of its own, so that Ctrl-C at the terminal reaches us first and it last.
    """
    fds = ",".join(map(str, passed_fds))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", supervisor.__file__, fds),
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=stdout,
        pass_fds=passed_fds,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
