"""The embedded MongoDB: one program per directory, gone with the program however that ends."""

import asyncio
import signal
import sys
from pathlib import Path

import psutil
import pytest
from cryptography.fernet import Fernet

from sync_engine.model.errors import FatalError
from sync_engine.store.embedded.directory_lock import DirectoryBusyError
from sync_engine.store.embedded.server import open_embedded_mongod
from sync_engine.store.store import open_store
from tests.examples import SHOP, connected_shop

HOLD_UNTIL_KILLED = """
import asyncio, sys
from pathlib import Path
from sync_engine.store.embedded.server import open_embedded_mongod

async def main():
    async with open_embedded_mongod(Path(sys.argv[1])):
        print("up", flush=True)
        await asyncio.sleep(3600)

asyncio.run(main())
"""


def mongods(directory: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if f"{directory}/data" in (process.info["cmdline"] or [])
        and "supervisor" not in " ".join(process.info["cmdline"])
    ]


async def test_data_outlives_a_restart(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    for is_second in (False, True):
        async with (
            open_embedded_mongod(tmp_path) as mongod,
            open_store(mongod.uri, "echosignal", [key]) as store,
        ):
            if not is_second:
                await connected_shop(store)
            assert await store.shops.get(SHOP) is not None
    assert mongods(tmp_path) == []


async def test_it_comes_up_again_where_its_port_was_taken_meanwhile(tmp_path: Path) -> None:
    async with open_embedded_mongod(tmp_path) as mongod:
        port = int(mongod.uri.split(":")[2].split("/")[0])
    taker = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", port)
    async with taker, open_embedded_mongod(tmp_path) as second:
        assert f":{port}/" not in second.uri


async def test_a_second_program_on_the_directory_is_told_so(tmp_path: Path) -> None:
    async with open_embedded_mongod(tmp_path):
        with pytest.raises(DirectoryBusyError, match="ECHOSIGNAL_DATA_DIR"):
            async with open_embedded_mongod(tmp_path):
                pass


async def test_a_command_may_join_the_program_that_has_the_directory(tmp_path: Path) -> None:
    async with open_embedded_mongod(tmp_path) as first:
        async with open_embedded_mongod(tmp_path, may_join=True) as joined:
            assert (joined.uri, joined.is_ours) == (first.uri, False)
        assert len(mongods(tmp_path)) == 1


async def test_it_is_gone_after_kill_9_and_the_next_program_can_start(tmp_path: Path) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD_UNTIL_KILLED, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    assert await program.stdout.readline() == b"up\n"
    assert len(mongods(tmp_path)) == 1
    program.send_signal(signal.SIGKILL)
    await program.wait()
    async with open_embedded_mongod(tmp_path):
        assert len(mongods(tmp_path)) == 1
    assert mongods(tmp_path) == []


async def test_without_any_mongod_the_error_names_the_ways_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sync_engine.store.embedded.binary._packaged_folders", list)
    with pytest.raises(FatalError, match="ECHOSIGNAL_MONGODB_URI"):
        async with open_embedded_mongod(tmp_path):
            pass


async def test_a_mongod_that_does_not_start_is_reported_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "mongod"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FatalError, match=r"mongod\.log"):
        async with open_embedded_mongod(tmp_path):
            pass
