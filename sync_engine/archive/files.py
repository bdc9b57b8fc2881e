"""The archive's files, in a directory or an object store. Files are written once, never changed.

One file a part of a shop's archive, under ``shop=…/month=…/``, which dataframe libraries read as
two more columns.
"""

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from sync_engine.archive.order_table import from_table, to_table
from sync_engine.model.archive import StoredOrder
from sync_engine.model.errors import ArchiveDamagedError, ArchiveUnavailableError
from sync_engine.model.shop_domain import ShopDomain

_FILE_SECONDS = 300.0
_ROWS_IN_A_GROUP = 5_000
_UNFINISHED = ".tmp"
_PROBE = "echosignal-probe"
T = TypeVar("T")


class ArchiveFiles:
    """Files under one address; names are relative to it."""

    def __init__(self, url: str) -> None:
        """Take an address such as file:///var/lib/archive, s3://bucket/folder or gs://bucket.

        Credentials of object stores come from their own environment variables.
        """
        self._url = url

    async def write(self, name: str, rows: Sequence[StoredOrder], about: Mapping[str, str]) -> int:
        """Write a file that was not there before, and return its size in bytes.

        It has its name once it has been read back and holds exactly these orders.

        Raises:
            ArchiveUnavailableError: it cannot be written.
            ArchiveDamagedError: it does not hold what was written.
        """
        return await self._do(name, lambda: self._write(name, rows, about))

    async def read(self, name: str) -> list[StoredOrder]:
        """Return the orders of a file.

        Raises:
            ArchiveUnavailableError: it cannot be read.
            ArchiveDamagedError: it is missing, or holds no orders.
        """
        return await self._do(name, lambda: self._read(name))

    async def customers(self, name: str) -> dict[int, int | None]:
        """Return the customer of each order of a file, by the order's number.

        Raises:
            ArchiveUnavailableError: it cannot be read.
            ArchiveDamagedError: it is missing, or holds no orders.
        """
        return await self._do(name, lambda: self._customers(name))

    async def delete(self, name: str) -> None:
        """Delete a file, also an unfinished one. Idempotent.

        Raises:
            ArchiveUnavailableError: it cannot be deleted.
        """
        await self._do(name, lambda: self._delete(name))

    async def delete_shop(self, shop: ShopDomain) -> None:
        """Delete all files of a shop. Idempotent.

        Raises:
            ArchiveUnavailableError: they cannot be deleted.
        """
        await self._do(shop, lambda: self._delete_folder(folder_of(shop)))

    async def probe(self) -> None:
        """Write a file and delete it again.

        Raises:
            ArchiveUnavailableError: that is not possible.
        """
        await self._do(_PROBE, self._probe)

    async def _do(self, name: str, work: Callable[[], T]) -> T:
        """Do what blocks in a thread, within a time, and say what went wrong in our words."""

        def guarded() -> T:
            with _failures(name):
                return work()

        try:
            async with asyncio.timeout(_FILE_SECONDS):
                return await asyncio.to_thread(guarded)
        except TimeoutError as error:
            message = f"the archive has not answered for {_FILE_SECONDS:.0f} s ({name})"
            raise ArchiveUnavailableError(message) from error

    @cached_property
    def _place(self) -> tuple[fs.FileSystem, str]:
        found: tuple[fs.FileSystem, str] = fs.FileSystem.from_uri(self._url)
        return found

    @property
    def _system(self) -> fs.FileSystem:
        return self._place[0]

    def _path(self, name: str) -> str:
        return f"{self._place[1].rstrip('/')}/{name}"

    def _write(self, name: str, rows: Sequence[StoredOrder], about: Mapping[str, str]) -> int:
        unfinished = self._path(name) + _UNFINISHED
        self._prepare_folder(unfinished)
        with self._system.open_output_stream(unfinished) as stream:
            pq.write_table(
                to_table(rows, about), stream, compression="zstd", row_group_size=_ROWS_IN_A_GROUP
            )
        written = self._read(name + _UNFINISHED)
        if msgspec.json.encode(written) != msgspec.json.encode(rows):
            raise ArchiveDamagedError(f"{name} does not hold what was written into it")
        self._keep(unfinished)
        self._system.move(unfinished, self._path(name))
        self._keep(str(Path(unfinished).parent))
        size: int = self._system.get_file_info(self._path(name)).size
        return size

    def _read(self, name: str) -> list[StoredOrder]:
        with self._open(name) as file:
            return from_table(pq.read_table(file))

    def _customers(self, name: str) -> dict[int, int | None]:
        with self._open(name) as file:
            columns = pq.read_table(file, columns=["id", "customer_id"]).to_pydict()
        return dict(zip(columns["id"], columns["customer_id"], strict=True))

    def _open(self, name: str) -> pa.NativeFile:
        try:
            return self._system.open_input_file(self._path(name))
        except FileNotFoundError as error:
            raise ArchiveDamagedError(f"{name} is missing in the archive") from error

    def _delete(self, name: str) -> None:
        for each in (name, name + _UNFINISHED):
            with suppress(FileNotFoundError):
                self._system.delete_file(self._path(each))

    def _delete_folder(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self._system.delete_dir(self._path(name))

    def _probe(self) -> None:
        path = self._path(_PROBE)
        self._prepare_folder(path)
        with self._system.open_output_stream(path) as stream:
            stream.write(b"it can be written here")
        self._system.delete_file(path)

    def _prepare_folder(self, path: str) -> None:
        """See that a file can be made there; object stores have no folders."""
        if isinstance(self._system, fs.LocalFileSystem):
            self._system.create_dir(str(Path(path).parent), recursive=True)

    def _keep(self, path: str) -> None:
        """Let what was written survive a power failure; object stores see to that themselves."""
        if isinstance(self._system, fs.LocalFileSystem) and os.name == "posix":
            for each in (path, *map(str, Path(path).parents)):
                if not each.startswith(self._place[1].rstrip("/")):
                    break
                descriptor = os.open(each, os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)


def folder_of(shop: ShopDomain) -> str:
    """Return the folder of a shop's files."""
    return f"shop={shop}"


@contextmanager
def _failures(name: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowInvalid, ValueError, KeyError, msgspec.MsgspecError) as error:
        message = f"{name} in the archive cannot be read: {str(error)[:200]}"
        raise ArchiveDamagedError(message) from error
    except (OSError, pa.ArrowException) as error:
        message = f"the archive cannot be reached ({name}: {str(error)[:200]})"
        raise ArchiveUnavailableError(message) from error
