"""Starts the embedded mongod as a replica set of one, and stops it whatever happens."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import OperationFailure, PyMongoError

from sync_engine.model.errors import FatalError
from sync_engine.store.embedded.binary import find_mongod
from sync_engine.store.embedded.directory_lock import DirectoryBusyError, lock_directory
from sync_engine.supervision.child import supervised

_REPLICA_SET = "echosignal"
_START_SECONDS = 60
_OLD_SERVER_STOPS_SECONDS = 45
_NOT_YET_INITIALIZED = 94


class EmbeddedMongod(msgspec.Struct, frozen=True):
    """A running embedded mongod; ``is_ours`` where this program started it."""

    uri: str
    is_ours: bool


@asynccontextmanager
async def open_embedded_mongod(
    directory: Path, *, may_join: bool = False
) -> AsyncIterator[EmbeddedMongod]:
    """Run a mongod with its data in the directory, for the duration of the block.

    It listens on loopback only, without passwords: whoever has an account on the machine can read
    it. A server that others share a machine with wants ``ECHOSIGNAL_MONGODB_URI``.

    Args:
        directory: where data, log, lock and port are kept.
        may_join: use the mongod of another program that has the directory open; for commands that
            come and go beside a program that stays.

    Raises:
        DirectoryBusyError: another program has the directory open.
        FatalError: there is no mongod, or it does not start; the text holds its last words.
    """
    binary = find_mongod()
    data = directory / "data"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        lock = await lock_directory(directory, patience_seconds=_OLD_SERVER_STOPS_SECONDS)
    except DirectoryBusyError:
        port_file = directory / "port"
        if not may_join or not port_file.is_file():
            raise
        yield EmbeddedMongod(_uri(int(port_file.read_text())), is_ours=False)
        return
    try:
        port = _choose_port(directory / "port")
        log_file = directory / "mongod.log"
        log_file.unlink(missing_ok=True)
        command = [
            *(str(binary), "--dbpath", str(data), "--port", str(port), "--bind_ip", "127.0.0.1"),
            *("--replSet", _REPLICA_SET, "--logpath", str(log_file), "--nounixsocket"),
            *("--wiredTigerCacheSizeGB", "0.5", "--oplogSize", "512"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        ]
        # mongod holds the lock too, so that the directory stays ours until it is really gone.
        async with supervised(
            command, passed_fds=[lock], stdout=asyncio.subprocess.DEVNULL
        ) as process:
            await _await_primary(process, directory, port)
            yield EmbeddedMongod(_uri(port), is_ours=True)
    finally:
        os.close(lock)


def _uri(port: int) -> str:
    return f"mongodb://127.0.0.1:{port}/?replicaSet={_REPLICA_SET}"


async def _await_primary(process: asyncio.subprocess.Process, directory: Path, port: int) -> None:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=200
    )
    try:
        async with asyncio.timeout(_START_SECONDS):
            while True:
                if process.returncode is not None:
                    raise FatalError(_last_words(directory))
                try:
                    if await _is_primary(client, port):
                        return
                except PyMongoError:
                    pass  # not up yet
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise FatalError(_last_words(directory)) from None
    finally:
        client.close()


async def _is_primary(client: "AsyncIOMotorClient[dict[str, Any]]", port: int) -> bool:
    hello = await client.admin.command("hello")
    if hello.get("isWritablePrimary"):
        return True
    host = f"127.0.0.1:{port}"
    try:
        config = (await client.admin.command("replSetGetConfig"))["config"]
    except OperationFailure as error:
        if error.code == _NOT_YET_INITIALIZED:
            fresh = {"_id": _REPLICA_SET, "members": [{"_id": 0, "host": host}]}
            await client.admin.command("replSetInitiate", fresh)
            return False
        raise
    if config["members"][0]["host"] != host:  # the port changed since the last start
        config["members"][0]["host"] = host
        config["version"] += 1
        await client.admin.command("replSetReconfig", config, force=True)
    return False


def _choose_port(remembered: Path) -> int:
    """Keep the port of the last start where it is free: the replica set knows itself by it."""
    last = remembered.read_text() if remembered.is_file() else ""
    port = int(last) if last.isdigit() and _is_free(int(last)) else _free_port()
    remembered.write_text(str(port))
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _last_words(directory: Path) -> str:
    log_file = directory / "mongod.log"
    lines = log_file.read_text(errors="replace").splitlines() if log_file.is_file() else []
    errors = [line for line in lines if '"s":"E"' in line or '"s":"F"' in line] or lines
    words = "\n".join(line[:300] for line in errors[-3:]) or "it said nothing"
    return f"the embedded MongoDB does not start; its log is {log_file}:\n{words}"
