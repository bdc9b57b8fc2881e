"""Runs the JavaScript of tests/clients against a running gateway."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

_CLIENTS = Path(__file__).parents[2] / "clients"
_PATIENCE_SECONDS = 60


async def run_script(name: str, *arguments: str) -> Any:
    """Return what a script prints, which is JSON."""
    node = shutil.which("node")
    assert node is not None, "node is missing: the tests of the clients need version 20 or newer"
    assert (_CLIENTS / "node_modules").is_dir(), "run `make clients` first"
    process = await asyncio.create_subprocess_exec(
        node,
        str(_CLIENTS / name),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            printed, complaints = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, complaints.decode()
    return json.loads(printed)
